import type { Database, GivenInsert, Transaction } from '@app/database';

type Work<T> = (manager: Transaction) => Promise<T>;

/**
 * `write:7:before` or `write:7:after`: the process is killed, without any handler running, just before or just after
 * the COMMIT of its seventh transaction. Every change of state is one transaction, or one insert, so a loop over n visits
 * them all.
 */
export async function armFailPoint(
  point: string,
  built: (file: string) => Promise<{ Database: typeof Database }>,
): Promise<void> {
  const [, count = '', side = ''] = /^write:(\d+):(before|after)$/.exec(point) ?? [];
  if (side === '') throw new Error(`no such fail point: ${point}`);
  const { prototype } = (await built('libs/database/src/index.js')).Database;
  const { write, insert } = prototype;
  let writes = 0;
  prototype.write = async function <T>(this: Database, work: Work<T>): Promise<T> {
    writes += 1;
    const isHere = writes === Number(count);
    const watched: Work<T> = async (manager) => {
      const done = await work(manager);
      if (isHere && side === 'before') process.kill(process.pid, 'SIGKILL');
      return done;
    };
    const result: T = await Reflect.apply<Database, [Work<T>], Promise<T>>(write, this, [watched]);
    if (isHere) process.kill(process.pid, 'SIGKILL');
    return result;
  };
  prototype.insert = async function (this: Database, ...inserts: readonly GivenInsert[]): Promise<void> {
    writes += 1;
    const isHere = writes === Number(count);
    if (isHere && side === 'before') process.kill(process.pid, 'SIGKILL');
    await Reflect.apply<Database, readonly GivenInsert[], Promise<void>>(insert, this, inserts);
    if (isHere) process.kill(process.pid, 'SIGKILL');
  };
}
