import { Module, type DynamicModule } from '@nestjs/common';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { moduleFor, type Settings } from '@app/config';
import { Paths } from '@app/paths';
import { dataSourceOptions, READING, type DataSourceRole } from './data-source-options.js';
import { Database } from './database.js';
import { migrate } from './migrate.js';
import { openDataSource } from './open-data-source.js';
import { prepareSqlite } from './prepare-sqlite.js';

/** The two connections and `Database` above them. Libraries add their entities with `DatabaseModule.entities`. */
@Module({})
export class DatabaseModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(DatabaseModule, settings, () => ({
      imports: [connection(settings, 'writing'), connection(settings, 'reading')],
      providers: [
        {
          provide: Database,
          inject: [getDataSourceToken(), getDataSourceToken(READING)],
          useFactory: (writing: DataSource, reading: DataSource) => new Database(writing, reading),
        },
      ],
      exports: [Database],
    }));
  }

  /** Registers entity classes with both connections. */
  static entities(...entities: (new () => object)[]): DynamicModule[] {
    return [TypeOrmModule.forFeature(entities), TypeOrmModule.forFeature(entities, READING)];
  }
}

function connection(settings: Settings, role: DataSourceRole): DynamicModule {
  const name = role === 'reading' ? { name: READING } : {};
  return TypeOrmModule.forRootAsync({
    ...name,
    // The reading connection opens after the writing one has made the file, its WAL mode and the tables: two that
    // switch a new file to WAL at the same moment get SQLITE_BUSY, which no timeout covers.
    inject: role === 'reading' ? [getDataSourceToken()] : [],
    useFactory: () => ({
      ...dataSourceOptions(settings.database, new Paths(settings), role),
      ...name,
      autoLoadEntities: true,
      retryAttempts: 0,
    }),
    dataSourceFactory: async (options) => {
      if (!options) throw new Error('no options for the database');
      return openDataSource(options, async (dataSource) => {
        if (dataSource.options.type === 'sqlite') await prepareSqlite(dataSource);
        if (role === 'writing') await migrate(dataSource);
      });
    },
  });
}
