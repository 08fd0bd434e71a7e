/** What Redis has not answered by then counts as failed. */
export const ANSWER_LIMIT_MS = 2000;

/** Rejects after the limit. The work itself cannot be taken back: whatever becomes of it later goes unheard. */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('Redis does not answer')), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
