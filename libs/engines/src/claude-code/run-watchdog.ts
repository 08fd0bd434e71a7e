/** One timer that is set again and again; whoever owns it clears it at the end. */
export class RunWatchdog {
  #timer: NodeJS.Timeout | null = null;

  set(ms: number, bark: () => void): void {
    this.clear();
    this.#timer = setTimeout(bark, ms);
    this.#timer.unref();
  }

  clear(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
