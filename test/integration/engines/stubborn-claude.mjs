// Stands in for a Claude Code that hangs: it gives its result, and then neither the end of its input nor SIGTERM
// makes it leave. It notes in its folder what it was told.
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setInterval } from 'node:timers';

process.on('SIGTERM', () => undefined);
setInterval(() => undefined, 60_000);
const session_id = randomUUID();
const say = (message) =>
  process.stdout.write(`${JSON.stringify({ uuid: randomUUID(), session_id, ...message })}\n`);

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  appendFileSync('heard.txt', `${message.type}\n`);
  if (message.type === 'control_request') {
    const response = { subtype: 'success', request_id: message.request_id, response: {} };
    process.stdout.write(`${JSON.stringify({ type: 'control_response', response })}\n`);
    return;
  }
  if (message.type !== 'user') return;
  const init = { model: 'stub', tools: [], skills: [], mcp_servers: [{ name: 'broken', status: 'failed' }] };
  say({ type: 'system', subtype: 'init', claude_code_version: '0.0.0', permissionMode: 'default', ...init });
  say({ type: 'never_heard_of', text: 'news from the future' });
  say({
    type: 'result',
    subtype: 'success',
    is_error: false,
    result: 'Done, but not gone.',
    num_turns: 1,
    duration_ms: 1,
    modelUsage: {},
    user_message_uuids: [message.uuid],
  });
});
