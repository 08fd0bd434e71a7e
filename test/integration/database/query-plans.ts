import type { DataSource, QueryRunner } from 'typeorm';

/** How a database goes about a statement, as far as tables and order matter. */
export interface QueryPlan {
  /** Of each index that is used: `primary key`, or its name. */
  indexes: string[];
  /** Tables that are read row by row, from the first to the last. */
  fullScans: string[];
  /** Indexes that are read from one end on, without anything to look up. Harmless under a LIMIT. */
  indexScans: string[];
  sorts: number;
}

export interface Statement {
  sql: string;
  parameters: unknown[];
}

/** What these connections ask from now on, as it is sent; a list that grows. */
export function overhear(...connections: DataSource[]): Statement[] {
  const heard: Statement[] = [];
  const nothing = (): void => undefined;
  for (const connection of connections) {
    connection.logger = {
      logQuery: (sql, parameters) => {
        if (/^\s*(SELECT|UPDATE|DELETE|WITH)\b/i.test(sql)) heard.push({ sql, parameters: parameters ?? [] });
      },
      logQueryError: nothing,
      logQuerySlow: nothing,
      logSchemaBuild: nothing,
      logMigration: nothing,
      log: nothing,
    };
  }
  return heard;
}

export async function planOf(runner: QueryRunner, sql: string, parameters: unknown[]): Promise<QueryPlan> {
  const plan: QueryPlan = { indexes: [], fullScans: [], indexScans: [], sorts: 0 };
  if (runner.connection.options.type === 'postgres') {
    const [row] = (await runner.query(`EXPLAIN (FORMAT JSON) ${sql}`, parameters)) as PostgresAnswer;
    if (row) readNode(row['QUERY PLAN'][0].Plan, plan);
  } else {
    const rows = (await runner.query(`EXPLAIN QUERY PLAN ${sql}`, parameters)) as { detail: string }[];
    for (const { detail } of rows) readLine(detail, plan);
  }
  return plan;
}

/**
 * For Postgres, whose choices hang on what it knows of the rows: nothing, so that they stay the same, and an index wherever
 * there is one.
 */
export const PREFER_INDEXES = [
  ...['tasks', 'task_logs', 'sessions', 'outbox'].map(
    (table) => `ALTER TABLE ${table} SET (autovacuum_enabled = off)`,
  ),
  ...['seqscan', 'bitmapscan', 'hashjoin', 'mergejoin'].map((way) => `SET enable_${way} = off`),
];

type PostgresAnswer = [{ 'QUERY PLAN': [{ Plan: PostgresNode }] }];

interface PostgresNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  Plans?: PostgresNode[];
}

function readNode(node: PostgresNode, plan: QueryPlan): void {
  const kind = node['Node Type'];
  if (kind === 'Seq Scan') plan.fullScans.push(node['Relation Name'] ?? '');
  if (kind.endsWith('Sort')) plan.sorts += 1;
  const index = node['Index Name']?.replace(/^PK_.*/, 'primary key');
  if (index) {
    plan.indexes.push(index);
    if (!node['Index Cond']) plan.indexScans.push(index);
  }
  for (const inner of node.Plans ?? []) readNode(inner, plan);
}

/** What a FROM reads that is no table of ours: the rows of a SELECT inside, or of a parameter. */
const NO_TABLE = ['looked', 'waiting', 'json_each', 'given', 'CONSTANT'];

function readLine(line: string, plan: QueryPlan): void {
  if (line.startsWith('USE TEMP B-TREE')) plan.sorts += 1;
  const [, verb, table, automatic, name] =
    /^(SCAN|SEARCH) (\w+)(?: USING (AUTOMATIC )?(?:PARTIAL )?(?:COVERING )?INDEX (\w+))?/.exec(line) ?? [];
  if (verb === undefined || table === undefined) return;
  if (name === undefined || automatic !== undefined) {
    if (!NO_TABLE.includes(table)) plan.fullScans.push(table);
    return;
  }
  const index = name.replace(/^sqlite_autoindex_.*/, 'primary key');
  plan.indexes.push(index);
  if (verb === 'SCAN') plan.indexScans.push(index);
}
