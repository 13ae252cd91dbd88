// How long a reader has looked at what is to be judged: time behind a pause, in a hidden tab or on a sleeping device is
// counted apart. Moments are milliseconds of a clock that nobody sets.

// Nothing keeps a page that is seen from its quarter-second tick for so long but a device that sleeps.
export const ASLEEP_MS = 10000;

export class ReadingClock {
  constructor() {
    this.away = new Set();
    this.start = null;
    this.seen = 0;
    this.unseen = 0;
    this.last = 0;
  }

  // It is painted: counting begins.
  begin(now) {
    this.start = now;
    this.seen = 0;
    this.unseen = 0;
    this.last = now;
  }

  stop() {
    this.start = null;
  }

  get running() {
    return this.start !== null;
  }

  // From now on it is not seen, or seen again, for one of several reasons.
  setAway(reason, isAway, now) {
    this.count(now);
    if (isAway) this.away.add(reason);
    else this.away.delete(reason);
  }

  // Count up to now.
  count(now) {
    const passed = Math.max(0, now - this.last);
    this.last = now;
    if (this.away.size) this.unseen += passed;
    else this.seen += passed;
  }

  // The same, from a timer that comes often; returns for how long the device has slept since it came last, 0 where not.
  tick(now) {
    const passed = now - this.last;
    if (this.away.size || passed < ASLEEP_MS) {
      this.count(now);
      return 0;
    }
    this.last = now;
    this.unseen += passed;
    return passed;
  }

  // How long it will have been seen then.
  seenAt(now) {
    return this.seen + (this.away.size ? 0 : now - this.last);
  }
}
