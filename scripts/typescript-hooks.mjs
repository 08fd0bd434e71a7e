/** Module hooks: `./x.js` finds `x.ts`, `@app/x` finds our library, and .ts is compiled by swc with .swcrc. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformFile } from '@swc/core';

const ROOT = dirname(import.meta.dirname);

export async function resolve(specifier, context, next) {
  const [, library] = /^@app\/([a-z-]+)$/.exec(specifier) ?? [];
  if (library) {
    const file = library === 'config' ? 'config/index.ts' : `libs/${library}/src/index.ts`;
    return { url: pathToFileURL(join(ROOT, file)).href, shortCircuit: true };
  }
  if (/^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL?.endsWith('.ts')) {
    const url = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(fileURLToPath(url))) return { url: url.href, shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { code } = await transformFile(fileURLToPath(url), { cwd: ROOT });
  return { format: 'module', source: code, shortCircuit: true };
}
