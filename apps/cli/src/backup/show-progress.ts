const EVERY_MS = 200;

/** One line that is written over, on a terminal only. */
export function showProgress(): { show(text: string): void; end(): void } {
  const isTerminal = process.stderr.isTTY;
  let shownMs = -Infinity;
  return {
    show: (text) => {
      const nowMs = performance.now();
      if (!isTerminal || nowMs - shownMs < EVERY_MS) return;
      shownMs = nowMs;
      process.stderr.write(`\r\u001b[K${text}`);
    },
    end: () => {
      if (isTerminal) process.stderr.write('\r\u001b[K');
    },
  };
}
