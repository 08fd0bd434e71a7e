const MAX_PER_SECOND = 100;

/** How many requests one socket may make: `allows` is false for what goes beyond. */
export class RequestRate {
  private second = 0;
  private count = 0;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  allows(): boolean {
    const second = Math.floor(this.nowMs() / 1000);
    if (second !== this.second) {
      this.second = second;
      this.count = 0;
    }
    this.count += 1;
    return this.count <= MAX_PER_SECOND;
  }
}
