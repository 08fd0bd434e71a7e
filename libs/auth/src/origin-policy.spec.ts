import { describe, expect, it } from '@jest/globals';
import { OriginPolicy } from './origin-policy.js';

function policy(
  settings: { host?: string; publicUrl?: string | null; corsOrigins?: string[] } = {},
): OriginPolicy {
  return new OriginPolicy({ host: '127.0.0.1', publicUrl: null, corsOrigins: [], ...settings });
}

describe('the host check', () => {
  it.each(['localhost', 'localhost:8000', '127.0.0.1:9999', '[::1]:8000', 'LOCALHOST'])(
    'accepts %s',
    (host) => {
      expect(policy().hostAllowed(host)).toBe(true);
    },
  );

  it.each([
    undefined,
    '',
    'evil.com',
    'localhost.evil.com',
    'localhost:8000@evil.com',
    'a b',
    '192.168.1.5',
    'app',
  ])('refuses %s when the service listens on loopback', (host) => {
    expect(policy().hostAllowed(host)).toBe(false);
  });

  it('accepts the address it listens on and the host of PUBLIC_URL', () => {
    const known = policy({ host: '10.0.0.7', publicUrl: 'https://agents.example.com' });
    expect(known.hostAllowed('10.0.0.7:8000')).toBe(true);
    expect(known.hostAllowed('agents.example.com')).toBe(true);
    expect(known.hostAllowed('10.0.0.8')).toBe(false);
  });

  it('accepts addresses and names without a dot, and no other name, when it listens everywhere', () => {
    const open = policy({ host: '0.0.0.0' });
    for (const host of ['192.168.1.5:8080', '[fe80::1]:8000', 'app:8000', 'localhost']) {
      expect(open.hostAllowed(host)).toBe(true);
    }
    for (const host of ['evil.com', 'rebind.192.168.1.5.nip.io']) expect(open.hostAllowed(host)).toBe(false);
  });
});

describe('the origin check', () => {
  it('accepts the page of the very host and port that is called', () => {
    expect(policy().originAllowed('http://localhost:8000', 'localhost:8000')).toBe(true);
    expect(policy().originAllowed('https://localhost:8000', 'localhost:8000')).toBe(true);
  });

  it.each([
    'null',
    '',
    'http://localhost:3000',
    'http://evil.com',
    'file://',
    'http://localhost:8000.evil.com',
    'x',
  ])('refuses %j', (origin) => {
    expect(policy().originAllowed(origin, 'localhost:8000')).toBe(false);
  });

  it('accepts PUBLIC_URL and what CORS_ORIGINS lists', () => {
    const known = policy({
      publicUrl: 'https://agents.example.com/x',
      corsOrigins: ['http://localhost:5173'],
    });
    expect(known.originAllowed('https://agents.example.com', 'localhost:8000')).toBe(true);
    expect(known.originAllowed('http://localhost:5173', 'localhost:8000')).toBe(true);
    expect(known.corsAllowed('http://localhost:8000')).toBe(false);
  });
});
