/** Counts of requests and calls, so that tests can count round trips. */
export class Stats {
  constructor() {
    this.reset();
  }

  reset() {
    /** @type {Map<string, number>} */
    this.calls = new Map();
    this.httpRequests = 0;
    this.faults = 0;
  }

  countCall(method) {
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1);
  }

  toJSON() {
    const calls = [...this.calls.values()].reduce((sum, count) => sum + count, 0);
    return { httpRequests: this.httpRequests, calls, faults: this.faults, methods: Object.fromEntries(this.calls) };
  }
}
