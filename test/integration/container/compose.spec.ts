import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

/** The names and places of the data persistence guide, on which people's own scripts and cron jobs stand. */
describe('docker-compose.yml', () => {
  const compose = parse(readFileSync('docker-compose.yml', 'utf8'));

  it('names the project, the containers and the volumes as the guide does', () => {
    expect(compose.name).toBe('claude-code-agent');
    expect(Object.keys(compose.services).sort()).toEqual(['app', 'redis']);
    expect(compose.services.app.container_name).toBe('claude-agent');
    expect(compose.services.redis.container_name).toBe('claude-agent-redis');
    expect(compose.volumes).toEqual({ machine_data: { driver: 'local' }, redis_data: { driver: 'local' } });
  });

  it('keeps user data in volumes and takes what is built in from the repository, read-only', () => {
    expect(compose.services.app.volumes).toEqual([
      'machine_data:/data',
      './agents:/app/agents:ro',
      './skills:/app/skills:ro',
      './.claude:/app/.claude:ro',
    ]);
    expect(compose.services.redis.volumes).toEqual(['redis_data:/data']);
    expect(compose.services.redis.command).toBe('redis-server --appendonly yes');
  });

  it('is open to this machine only, and lets the service gain no right', () => {
    expect(compose.services.app).toMatchObject({
      ports: ['127.0.0.1:8000:8000'],
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(readFileSync('docker/Dockerfile', 'utf8')).toMatch(/^USER node$/m);
  });
});
