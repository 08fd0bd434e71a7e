export { BackupFiles, type StoredBackup } from './backup-files.js';
export { BackupSchedule } from './backup-schedule.js';
export { Backups, type BackupProgress } from './backups.js';
export { enterAlone, enterDataFolder } from './data-folder.js';
export { drillBackup } from './drill.js';
export { makeBackup, newBackupId } from './make-backup.js';
export { restoreBackup } from './restore/restore-backup.js';
export { verifyArchive } from './verify-archive.js';
