export { checkTasks } from './check-tasks.js';
export { plainTarget, type PlainTarget } from './connect-plain.js';
export { databaseHealth, type DatabaseHealth, type StorageMark } from './database-health.js';
export { dumpRows, type OpenDump, type Row } from './dump-rows.js';
export { tryLock, type HeldLock } from './file-lock.js';
export { committedMarker, forgetMarker, loadRows } from './load-rows.js';
export { countLiveProcesses } from './live-processes.js';
export { knownMigrations } from './own-tables.js';
export { snapshotSqlite, sqliteFacts } from './sqlite-snapshot.js';
