export { openFolders as default } from './run.mjs';
