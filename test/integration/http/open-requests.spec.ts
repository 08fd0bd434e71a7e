import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, it } from '@jest/globals';
import { OpenRequests } from '../../../apps/api/src/http/open-requests.js';

/** Says what it was answered, or how its connection broke; counts in `connected` once the system has let it through. */
const CLIENT = `
  const { workerData, parentPort } = require('node:worker_threads');
  const { connect } = require('node:net');
  let said = '';
  const client = connect(workerData.port, '127.0.0.1', () => {
    client.write('GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n');
    Atomics.add(workerData.connected, 0, 1);
    Atomics.notify(workerData.connected, 0);
  });
  client.on('data', (data) => (said += data));
  client.on('error', (error) => (said += error.code));
  client.on('close', () => parentPort.postMessage(said));
`;

it('a shutdown answers who has connected and was not let in yet, because the server was busy', async () => {
  const requests = new OpenRequests();
  const server = createServer((request, response) => {
    requests.watch(request, response, () => response.end('here'));
  });
  server.on('connection', requests.greet);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;

  const connected = new Int32Array(new SharedArrayBuffer(4));
  const client = new Worker(CLIENT, { eval: true, workerData: { port, connected } });
  const said = once(client, 'message');
  // Nothing else happens in this thread until the client is there.
  expect(Atomics.wait(connected, 0, 0, 10_000)).not.toBe('timed-out');
  await requests.finish(server);

  const [answer] = (await said) as [string];
  expect(answer).toContain('Connection: close');
  expect(answer).toContain('here');
  expect(server.listening).toBe(false);
});
