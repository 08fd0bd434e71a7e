import { setTimeout as delay } from 'node:timers/promises';

/** A part that has not ended by then is left to itself, so that the next one gets its turn. */
const PART_LIMIT_MS = 2000;
/** After so long nothing is waited for any more; what is left is told to end all the same. */
const LIMIT_MS = 8000;

/** In the order in which Nest calls them when an application closes. */
const HOOKS = ['onModuleDestroy', 'beforeApplicationShutdown', 'onApplicationShutdown'] as const;

type Hook = (typeof HOOKS)[number];
type Part = Partial<Record<Hook, () => unknown>>;

/**
 * What a start has made so far, so that a start that fails can close it. Nest hands out an application when all of its
 * parts are there; of one that fails before, it keeps nothing by which anybody could close the parts that it has made.
 */
export class StartedParts {
  /** For the options of NestFactory: it is told of each part when that is there. */
  readonly instrument = {
    instanceDecorator: (made: unknown): unknown => {
      if (isPart(made)) this.add(made);
      return made;
    },
  };
  private readonly parts = new Set<Part>();
  private closed = false;

  constructor(private readonly limits = { partMs: PART_LIMIT_MS, allMs: LIMIT_MS }) {}

  /** Ends what was made, the last one first, as the end of an application does. Never rejects. */
  async close(): Promise<void> {
    this.closed = true;
    const deadline = performance.now() + this.limits.allMs;
    for (const hook of HOOKS) {
      for (const part of [...this.parts].reverse()) {
        await end(part, hook, Math.min(this.limits.partMs, deadline - performance.now()));
      }
    }
  }

  private add(part: Part): void {
    // Parts are made side by side: one that was still connecting when another one failed comes after the end.
    if (this.closed) void this.endLate(part);
    else this.parts.add(part);
  }

  private async endLate(part: Part): Promise<void> {
    for (const hook of HOOKS) await end(part, hook, this.limits.partMs);
  }
}

/** Closes what a failed start has opened, so that its error can be told then. Never rejects. */
export async function endFailedStart(
  opened: { close(): Promise<void> },
  place: { release(): Promise<void> } | undefined,
): Promise<void> {
  await within(LIMIT_MS, () => opened.close());
  await within(PART_LIMIT_MS, () => place?.release());
}

function isPart(made: unknown): made is Part {
  return typeof made === 'object' && made !== null && HOOKS.some((hook) => hook in made);
}

async function end(part: Part, hook: Hook, limitMs: number): Promise<void> {
  if (part[hook]) await within(Math.max(0, limitMs), () => part[hook]?.());
}

/** A part that fails to end must not hide why the start failed, nor keep the others from ending. */
async function within(limitMs: number, work: () => unknown): Promise<void> {
  const over = new AbortController();
  const limit = delay(limitMs, undefined, { signal: over.signal }).catch(() => undefined);
  const done = (async () => void (await work()))().catch(() => undefined);
  await Promise.race([done, limit]);
  over.abort();
}
