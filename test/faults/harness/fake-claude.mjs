/**
 * Stands in for the `claude` program where it has to misbehave in ways that the real one cannot be asked for. It
 * speaks the same lines; a line of the prompt, `claude:<mode>[:<n>]`, says what goes wrong:
 * ok:n deltas · daemon:n the same, and leaves a process behind · stubborn ends for nobody · flood:MB in lines of 64 kB ·
 * line:MB in one line · split sends characters byte by byte · bare ends without a newline · exit:n with that code.
 */
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setInterval } from 'node:timers';
import { setTimeout as delay } from 'node:timers/promises';

const MEGABYTE = 1024 * 1024;
const SPLIT_TEXT = 'Grüße, 世界, 👩‍💻';
const session_id = randomUUID();

const lineOf = (message) => JSON.stringify({ uuid: randomUUID(), session_id, ...message });

/** Waits while the reader is slow, as a program does that writes to a pipe. */
async function say(message) {
  if (!process.stdout.write(`${lineOf(message)}\n`)) await once(process.stdout, 'drain');
}

const stream = (event) => say({ type: 'stream_event', parent_tool_use_id: null, event });
const text = (piece) =>
  stream({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: piece } });

async function begin() {
  const init = { model: 'fake', tools: [], skills: [], mcp_servers: [], permissionMode: 'default' };
  await say({ type: 'system', subtype: 'init', claude_code_version: '0.0.0', ...init });
  await stream({ type: 'message_start', message: { id: `msg_${randomUUID()}` } });
  await stream({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
}

const resultLine = (messageUuid) =>
  lineOf({
    type: 'result',
    subtype: 'success',
    is_error: false,
    result: 'done',
    num_turns: 1,
    duration_ms: 1,
    modelUsage: {},
    user_message_uuids: [messageUuid],
  });

async function perform(mode, count) {
  switch (mode) {
    case 'ok':
      for (let at = 1; at <= count; at += 1) {
        await text(`piece ${at}`);
        await delay(10);
      }
      return;
    case 'daemon':
      spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }).unref();
      await text('a daemon runs');
      return perform('ok', count - 1);
    case 'stubborn':
      process.on('SIGTERM', () => undefined);
      spawn('sh', ['-c', "trap '' TERM; while :; do sleep 1; done"], {
        detached: true,
        stdio: 'ignore',
      }).unref();
      await text('I will not go');
      setInterval(() => undefined, 60_000);
      return new Promise(() => undefined);
    case 'flood':
      for (let sent = 0; sent < count * MEGABYTE; sent += 65_536) await text('x'.repeat(65_536));
      return;
    case 'line':
      return text('x'.repeat(count * MEGABYTE));
    case 'split': {
      const event = {
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'text_delta', text: SPLIT_TEXT },
      };
      const line = lineOf({ type: 'stream_event', parent_tool_use_id: null, event });
      for (const byte of Buffer.from(`${line}\n`)) {
        writeSync(1, Buffer.of(byte));
        await delay(0);
      }
      return;
    }
    case 'exit':
      await text('I have had enough');
      await delay(50);
      process.exit(count);
  }
}

createInterface({ input: process.stdin }).on('line', async (line) => {
  const message = JSON.parse(line);
  if (message.type === 'control_request') {
    const response = { subtype: 'success', request_id: message.request_id, response: {} };
    process.stdout.write(`${JSON.stringify({ type: 'control_response', response })}\n`);
    return;
  }
  if (message.type !== 'user') return;
  const { content } = message.message;
  const prompt = typeof content === 'string' ? content : content.map((block) => block.text ?? '').join('');
  const [, mode = 'ok', count = '1'] = /^claude:([a-z]+)(?::(\d+))?$/m.exec(prompt) ?? [];
  await begin();
  await perform(mode, Number(count));
  if (mode === 'bare') {
    await text('the end is near');
    process.stdout.write(resultLine(message.uuid), () => process.exit(0));
    return;
  }
  process.stdout.write(`${resultLine(message.uuid)}\n`);
});
