import {
  ArrayMaxSize,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { parseDatabaseUrl, type DatabaseTarget } from './parse-database-url.js';
import { parseRedisUrl, type RedisTarget } from './parse-redis-url.js';
import { commaList, httpUrl, wholeNumber, yesOrNo } from './parse-values.js';
import { Setting } from './setting.js';
import { StorageSettings } from './storage-settings.js';

export const PROCESS_ROLES = ['all', 'api', 'worker'] as const;
export type ProcessRole = (typeof PROCESS_ROLES)[number];

export const LONGEST_LEASE_SECONDS = 600;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** All that can be set from outside. Read once at start by `loadSettings`; the rest of the code is handed this. */
export class Settings extends StorageSettings {
  @Setting({ env: 'HOST', doc: 'Address the server listens on. The container image sets `0.0.0.0`.' })
  @IsString()
  host = '127.0.0.1';

  @Setting({ env: 'PORT', doc: 'Port the server listens on; `0` takes a free one.', parse: wholeNumber })
  @IsInt()
  @Min(0)
  @Max(65535)
  port = 8000;

  @Setting({
    env: 'APP_DIR',
    doc: 'Folder of the read-only parts: the brain, built-in agents and skills.',
    shownDefault: 'the folder of the program',
  })
  @IsOptional()
  @IsString()
  appDir: string | null = null;

  @Setting({
    env: 'DATA_DIR',
    doc: 'Folder of everything users make. The container image sets `/data`, a volume.',
  })
  @IsString()
  dataDir = './data';

  @Setting({
    env: 'DATABASE_URL',
    doc: '`sqlite:////absolute/file.db` or `postgres://user:password@host:5432/database`. The forms `sqlite+aiosqlite://` and `postgresql+asyncpg://` are understood too.',
    shownDefault: 'SQLite in `DATA_DIR/db/machine.db`',
    parse: parseDatabaseUrl,
  })
  database: DatabaseTarget = { kind: 'sqlite', file: null };

  @Setting({
    env: 'REDIS_URL',
    doc: '`redis://`, `rediss://`, `redis-sentinel://h1:26379,h2:26379/mymaster` or `redis-cluster://h1:6379,h2:6379`. Without it tasks are queued inside the process.',
    shownDefault: 'none',
    parse: parseRedisUrl,
  })
  redis: RedisTarget | null = null;

  @Setting({
    env: 'ROLE',
    doc: '`all`: API and worker in one process; `api` or `worker`: one of them, which needs Postgres and Redis.',
  })
  @IsIn(PROCESS_ROLES)
  role: ProcessRole = 'all';

  @Setting({
    env: 'MACHINE_ID',
    doc: 'Name of this process among several; shown on tasks and in logs.',
    shownDefault: 'the host name',
  })
  @IsOptional()
  @Matches(/^[\w.:-]{1,100}$/, {
    message: 'must be 1 to 100 letters, digits, dots, dashes, colons or underscores',
  })
  machineId: string | null = null;

  @Setting({
    env: 'MAX_CONCURRENT_TASKS',
    doc: 'How many tasks this process runs at the same time. Each takes about 200 MB of memory.',
    parse: wholeNumber,
  })
  @IsInt()
  @Min(1)
  @Max(200)
  maxConcurrentTasks = 5;

  @Setting({
    env: 'MAX_QUEUED_TASKS',
    doc: 'How many tasks may wait before new ones are refused with 429 `QUEUE_FULL`.',
    parse: wholeNumber,
  })
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  maxQueuedTasks = 100_000;

  @Setting({
    env: 'TASK_TIMEOUT_SECONDS',
    doc: 'Wall-clock limit of a task in seconds, unless the task sets `limits.timeout_seconds`.',
    parse: wholeNumber,
  })
  @IsInt()
  @Min(1)
  @Max(604_800)
  taskTimeoutSeconds = 3600;

  @Setting({
    env: 'IDLE_TIMEOUT_SECONDS',
    doc: 'How long Claude Code may say nothing before its task fails, unless the task sets `limits.idle_seconds`; four times as long while a tool runs. `0` turns it off.',
    parse: wholeNumber,
  })
  @IsInt()
  @Min(0)
  @Max(86_400)
  idleTimeoutSeconds = 900;

  @Setting({
    env: 'MAX_DEFERRALS',
    doc: 'How often a task is put off when Claude is overloaded, limits requests or cannot be reached, unless the task sets `limits.max_deferrals`. With `0` it fails at once, also at a usage limit.',
    parse: wholeNumber,
  })
  @IsInt()
  @Min(0)
  @Max(100)
  maxDeferrals = 5;

  @Setting({
    env: 'DEFERRAL_SECONDS',
    doc: 'How long a task is put off the first time; each further time is twice as long, up to ten times this.',
    parse: wholeNumber,
  })
  @IsInt()
  @Min(1)
  @Max(3600)
  deferralSeconds = 30;

  @Setting({
    env: 'LEASE_SECONDS',
    doc: 'How long a worker may be silent before its tasks are given to another.',
    parse: wholeNumber,
  })
  @IsInt()
  @Min(4)
  @Max(LONGEST_LEASE_SECONDS)
  leaseSeconds = 12;

  @Setting({
    env: 'SHUTDOWN_GRACE_SECONDS',
    doc: 'How long running tasks may go on after SIGTERM before they are handed back to the queue.',
    parse: wholeNumber,
  })
  @IsInt()
  @Min(0)
  @Max(86_400)
  shutdownGraceSeconds = 30;

  @Setting({
    env: 'SHUTDOWN_DELAY_SECONDS',
    doc: 'How long the server goes on answering after SIGTERM while it says that it is not ready, so that a load balancer sends new requests elsewhere. Ctrl-C does not wait.',
    parse: wholeNumber,
  })
  @IsInt()
  @Min(0)
  @Max(600)
  shutdownDelaySeconds = 1;

  @Setting({
    env: 'WORKER_HEALTH_PORT',
    doc: 'Port on which a process with `ROLE=worker` answers `/api/health/live` and `/api/health/ready`, and nothing else. The container image sets `8000`.',
    shownDefault: 'none',
    parse: wholeNumber,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(65535)
  workerHealthPort: number | null = null;

  @Setting({ env: 'LOG_LEVEL', doc: 'fatal, error, warn, info, debug, trace or silent.' })
  @IsIn(LOG_LEVELS)
  logLevel: (typeof LOG_LEVELS)[number] = 'info';

  @Setting({
    env: 'LOG_JSON',
    doc: 'One JSON object per line instead of readable lines.',
    shownDefault: 'true unless the output is a terminal',
    parse: yesOrNo,
  })
  logJson: boolean | null = null;

  @Setting({
    env: 'CORS_ORIGINS',
    doc: 'Origins of other web pages that may call the API from a browser, separated by commas.',
    shownDefault: 'none',
    parse: commaList,
  })
  @ArrayMaxSize(50)
  @Matches(/^https?:\/\/[^/\s]+$/, {
    each: true,
    message: 'each must look like https://example.com, without a path',
  })
  corsOrigins: string[] = [];

  @Setting({
    env: 'PUBLIC_URL',
    doc: 'The address under which people reach the service, when it differs from HOST and PORT. Its host name is accepted in `Host`.',
    shownDefault: 'none',
    parse: httpUrl,
  })
  publicUrl: string | null = null;

  @Setting({
    env: 'MASTER_KEY_FILE',
    doc: 'File with the master key (32 bytes, base64) that encrypts stored credentials.',
    shownDefault: '`DATA_DIR/credentials/master.key`, made at the first start',
  })
  @IsOptional()
  @IsString()
  masterKeyFile: string | null = null;

  @Setting({
    env: 'ANTHROPIC_API_KEY',
    doc: 'Claude API key that serves when no credential is stored.',
    secret: true,
    shownDefault: 'none',
  })
  @IsOptional()
  @MaxLength(4096)
  anthropicApiKey: string | null = null;

  @Setting({
    env: 'ANTHROPIC_BASE_URL',
    doc: 'Address of a model gateway in place of the Claude API; handed to the engine.',
    shownDefault: 'none',
    parse: httpUrl,
  })
  anthropicBaseUrl: string | null = null;

  @Setting({
    env: 'CLAUDE_MODEL',
    doc: 'Model for tasks and agents that name none.',
    shownDefault: "Claude Code's own default",
  })
  @IsOptional()
  @Matches(/^[A-Za-z0-9][\w.:@/[\]-]{0,127}$/, { message: 'must be a model name such as claude-sonnet-4-5' })
  claudeModel: string | null = null;
}
