import { renderSettingsDocs } from './settings-docs.js';

process.stdout.write(renderSettingsDocs());
