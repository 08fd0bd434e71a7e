export { closeAll as default } from './run.mjs';
