import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import { tempDataDir } from '../../support/index.js';

const SCHEMA = `
CREATE TABLE sessions (session_id VARCHAR PRIMARY KEY, user_id VARCHAR, machine_id VARCHAR, connected_at DATETIME,
  disconnected_at DATETIME, total_cost_usd FLOAT, total_tasks INTEGER, active BOOLEAN);
CREATE TABLE tasks (task_id VARCHAR PRIMARY KEY, session_id VARCHAR, user_id VARCHAR, assigned_agent VARCHAR,
  agent_type VARCHAR, status VARCHAR, created_at DATETIME, started_at DATETIME, completed_at DATETIME,
  input_message TEXT, output_stream TEXT, result TEXT, error TEXT, cost_usd FLOAT, input_tokens INTEGER,
  output_tokens INTEGER, duration_seconds FLOAT, source VARCHAR, source_metadata TEXT, parent_task_id VARCHAR,
  flow_id VARCHAR);
INSERT INTO sessions VALUES
  ('session-1', 'user-1', 'machine-7', '2025-12-01 10:00:00.123456', '2025-12-01 11:00:00.000000', 0.75, 3, 0),
  ('session-2', 'user-2', 'machine-7', '2025-12-02T09:00:00', NULL, 0, 1, 1);
INSERT INTO tasks VALUES
  ('task-done', 'session-1', 'user-1', 'planning', 'planning', 'completed', '2025-12-01 10:01:00.5',
   '2025-12-01 10:01:01', '2025-12-01 10:02:00', 'Make a plan.', 'First line' || char(10) || 'the plan', 'the plan',
   NULL, 0.5, 1200, 340, 59.0, 'dashboard', '{"ticket":"A-1"}', NULL, 'flow-1'),
  ('task-failed', 'session-1', 'user-1', 'executor', 'executor', 'failed', '2025-12-01 10:03:00', NULL, NULL,
   'Do it.', '', NULL, 'it broke', 0.25, 10, 0, NULL, 'github', 'not json', 'task-done', NULL),
  ('task-running', 'session-2', 'user-2', 'brain', 'brain', 'running', '2025-12-02 09:01:00',
   '2025-12-02 09:01:01', NULL, 'Go on.', 'half', NULL, NULL, 0, 0, 0, NULL, 'jira', NULL, NULL, NULL),
  ('task-lost', 'session-gone', NULL, NULL, NULL, 'cancelled', 'yesterday', NULL, NULL, NULL, NULL, NULL, NULL,
   'much', -3, NULL, NULL, NULL, NULL, NULL, NULL),
  ('${'x'.repeat(65)}', NULL, NULL, NULL, NULL, 'completed', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL);
`;

const SUBAGENT = `---
name: Code Helper
description: |
  Helps with code.
  In two lines.
tools: Read, Grep
model: inherit
color: green
---

You help with code.
`;

/** The data folder of the earlier Python system, as its tables and folders are known. */
export async function oldSystem(): Promise<string> {
  const folder = await tempDataDir('old-system');
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  await mkdir(join(folder, 'db'));
  await runSql(join(folder, 'db', 'machine.db'), SCHEMA);
  await write('.claude/agents/Code Helper.md', SUBAGENT);
  await write('.claude/agents/broken.md', '---\nmodel: [\n---\nText.');
  await write('config/agents/house-rules/CLAUDE.md', 'Follow the rules of the house.');
  await write(
    'config/skills/greeting/SKILL.md',
    '---\nname: greeting\ndescription: Says hello.\n---\nSay hello.',
  );
  await write('config/webhooks/github.json', '{"secret":"shh"}');
  await write('config/webhooks/jira.json', 'not json');
  return folder;
}

export function runSql(file: string, sql: string): Promise<void> {
  const database = new sqlite3.Database(file);
  return new Promise((resolve, reject) => {
    database.exec(sql, (error) => {
      database.close();
      if (error) reject(error);
      else resolve();
    });
  });
}
