/** The container files, as far as they can be judged without Docker: the Dockerfile's rules, the compose file's schema. */
import { readFileSync } from 'node:fs';
import { DCLinter } from 'dclint';
import { validate } from 'dockerfile-utils';

const DOCKERFILE = 'docker/Dockerfile';
const COMPOSE = 'docker-compose.yml';

const problems = validate(readFileSync(DOCKERFILE, 'utf8')).map(
  ({ range, message }) => `${DOCKERFILE}:${range.start.line + 1}: ${message}`,
);

const linter = new DCLinter({
  rules: { 'service-keys-order': 0, 'services-alphabetical-order': 0 },
  quiet: false,
  debug: false,
  exclude: [],
});
for (const { filePath, messages } of linter.lintFiles([COMPOSE], false))
  for (const { line, rule, message } of messages) problems.push(`${filePath}:${line}: ${message} (${rule})`);

for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
