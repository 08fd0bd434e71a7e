export { importPythonSystem } from './import-python-system.js';
export type { ImportReport } from './import-report.js';
