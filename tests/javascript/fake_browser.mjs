// A browser whose clock moves when a test says so.
export class FakeStorage {
  constructor() {
    this.entries = new Map();
  }

  get length() {
    return this.entries.size;
  }

  key(i) {
    return [...this.entries.keys()][i];
  }

  getItem(key) {
    return this.entries.has(key) ? this.entries.get(key) : null;
  }

  setItem(key, value) {
    this.entries.set(key, String(value));
  }

  removeItem(key) {
    this.entries.delete(key);
  }
}

export class FakeBrowser {
  constructor({ storage = new FakeStorage(), today = 1_000_000, chance = 0.5 } = {}) {
    this.kept = storage;
    this.clock = 0;
    this.started = today;
    this.luck = chance;
    this.isOnline = true;
    this.timers = [];
  }

  storage() {
    return this.kept;
  }

  online() {
    return this.isOnline;
  }

  now() {
    return this.clock;
  }

  today() {
    return this.started + this.clock;
  }

  chance() {
    return this.luck;
  }

  later(act, delay) {
    const timer = { act, at: this.clock + delay };
    this.timers.push(timer);
    return timer;
  }

  cancel(timer) {
    this.timers = this.timers.filter((one) => one !== timer);
  }

  // Let time pass; whatever is due is done in its turn.
  pass(milliseconds) {
    const end = this.clock + milliseconds;
    for (;;) {
      const [next] = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.cancel(next);
      this.clock = next.at;
      next.act();
    }
    this.clock = end;
  }
}
