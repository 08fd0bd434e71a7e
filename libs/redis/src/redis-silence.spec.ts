import { type EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { RedisSilence } from './redis-silence.js';

/** A connection that is never made; what the other side would answer is up to the test. */
class SilentPeer {
  readonly client = new Redis({ lazyConnect: true });
  readonly cuts: boolean[] = [];
  answer: () => void = () => undefined;

  constructor() {
    this.client.status = 'ready';
    this.client.ping = () => new Promise<'PONG'>((resolve) => (this.answer = () => resolve('PONG')));
    this.client.disconnect = (reconnect = false) => void this.cuts.push(reconnect);
  }
}

describe('RedisSilence', () => {
  it('cuts a connection that has not answered for ten seconds, so that it is made anew', async () => {
    let nowMs = 0;
    const peer = new SilentPeer();
    const silence = new RedisSilence(() => nowMs);
    for (const at of [0, 5_000, 9_999]) {
      nowMs = at;
      silence.check(peer.client);
    }
    expect(peer.cuts).toEqual([]);
    nowMs = 10_000;
    silence.check(peer.client);
    expect(peer.cuts).toEqual([true]);
  });

  it('leaves one alone that answers late', async () => {
    let nowMs = 0;
    const peer = new SilentPeer();
    const silence = new RedisSilence(() => nowMs);
    for (let round = 0; round < 5; round += 1) {
      silence.check(peer.client);
      nowMs += 6_000;
      peer.answer();
      await Promise.resolve();
    }
    expect(peer.cuts).toEqual([]);
  });

  it('begins anew with a connection that was made again', () => {
    let nowMs = 0;
    const peer = new SilentPeer();
    const silence = new RedisSilence(() => nowMs);
    silence.watch(peer.client);
    silence.check(peer.client);
    const events: EventEmitter = peer.client;
    events.emit('close');
    nowMs = 60_000;
    silence.check(peer.client);
    expect(peer.cuts).toEqual([]);
  });
});
