import type { Settings } from '@app/config';
import type { PersistenceShape } from '@app/contracts';
import { presentKekIds, storedKekId } from '@app/credentials';
import { Paths } from '@app/paths';
import { worstFacts, type RedisConnections } from '@app/redis';
import { checkPersistence } from '@app/storage';

const REDIS_LIMIT_MS = 5000;
/** Reading a database through is work: who asks in between is given the answer of a moment ago. */
const REMEMBERED_MS = 10_000;

/** The one set of checks behind the API and `claude-agent doctor`: what the storage library cannot ask is asked here. */
export async function lookAtPersistence(
  settings: Settings,
  redis: RedisConnections | null,
): Promise<PersistenceShape> {
  const paths = new Paths(settings);
  const facts = redis ? await redis.facts(REDIS_LIMIT_MS) : undefined;
  return checkPersistence(settings, {
    redis: facts && worstFacts(facts),
    keys: async () => ({ stored: await storedKekId(paths), present: await presentKekIds(settings, paths) }),
  });
}

/** Looks once at a time, however many ask. */
export class PersistenceDoctor {
  private latest: { untilMs: number; answer: Promise<PersistenceShape> } | null = null;

  constructor(
    private readonly settings: Settings,
    private readonly redis: RedisConnections | null,
  ) {}

  look(): Promise<PersistenceShape> {
    if (this.latest && performance.now() < this.latest.untilMs) return this.latest.answer;
    const looked = { untilMs: Infinity, answer: lookAtPersistence(this.settings, this.redis) };
    this.latest = looked;
    const remember = (): void => void (looked.untilMs = performance.now() + REMEMBERED_MS);
    looked.answer.then(remember, () => (this.latest = null));
    return looked.answer;
  }
}
