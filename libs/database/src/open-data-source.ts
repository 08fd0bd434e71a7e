import type { OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type DataSourceOptions } from 'typeorm';

/** A connection that can be closed by whoever holds it alone, also when the module around it was never finished. */
class OwnedDataSource extends DataSource implements OnApplicationShutdown {
  async onApplicationShutdown(): Promise<void> {
    if (this.isInitialized) await this.destroy();
  }
}

/** Connected and prepared, or nothing is left open: TypeORM itself keeps its pool when a later step fails. */
export async function openDataSource(
  options: DataSourceOptions,
  prepare: (dataSource: DataSource) => Promise<void>,
): Promise<DataSource> {
  const dataSource = new OwnedDataSource(options);
  try {
    await dataSource.initialize();
    await prepare(dataSource);
    return dataSource;
  } catch (error) {
    // The first error is the one to tell, and where there is no connection yet, closing it fails.
    await dataSource.driver.disconnect().catch(() => undefined);
    throw error;
  }
}
