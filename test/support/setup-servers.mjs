export { openServers as default } from './run.mjs';
