import { readFileSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import { Copy, Env, JSONInstruction, DockerfileParser, Healthcheck } from 'dockerfile-ast';

export interface Image {
  /** Where what the last stage copies would be, and the file or folder of this repository that it is. */
  files: readonly { target: string; source: string }[];
  env: Readonly<Record<string, string>>;
  /** ENTRYPOINT and CMD. */
  command: readonly string[];
  /** A line for `sh -c`. */
  healthCheck: string;
}

/**
 * What docker/Dockerfile says of the image, as far as it can be made without Docker: the packages are those of this
 * machine, and node_modules still has what only development needs.
 */
export function readImage(): Image {
  const dockerfile = DockerfileParser.parse(readFileSync('docker/Dockerfile', 'utf8'));
  const all = dockerfile.getInstructions();
  const last = all.slice(all.findLastIndex((instruction) => instruction.getKeyword() === 'FROM'));
  const files: { target: string; source: string }[] = [];
  const env: Record<string, string> = {};
  const words: Record<string, string[]> = {};
  let healthCheck = '';
  let folder = '/';
  for (const instruction of last) {
    const keyword = instruction.getKeyword();
    if (keyword === 'WORKDIR') folder = instruction.getArguments().map(String).join(' ');
    if (instruction instanceof Copy) {
      const [source = '', target = ''] = instruction.getArguments().map((word) => word.getValue());
      // `./` is the folder to copy a file into.
      const place = target.endsWith('/') ? posix.join(target, posix.basename(source)) : target;
      files.push({ target: posix.resolve(folder, place), source: resolve(source.replace(/^\/build\//, '')) });
    }
    if (instruction instanceof Env)
      for (const property of instruction.getProperties()) env[property.getName()] = property.getValue() ?? '';
    if (instruction instanceof Healthcheck)
      healthCheck = (instruction.getRawArgumentsContent() ?? '').replace(/^[\s\S]*?CMD /, '');
    if (instruction instanceof JSONInstruction && keyword !== 'VOLUME')
      words[keyword] = instruction.getJSONStrings().map((word) => word.getJSONValue());
  }
  return { files, env, command: [...(words.ENTRYPOINT ?? []), ...(words.CMD ?? [])], healthCheck };
}
