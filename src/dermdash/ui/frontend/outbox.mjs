// Everything the reader has answered and the server has not yet acknowledged.
// Each item lies under a key of its own in localStorage, so that two tabs never overwrite one another, and a reload,
// a crash or a lost connection loses nothing. The whole list is delivered again and again until every id is
// acknowledged; the server ignores ids it has.
const RESEND_FIRST_MS = 2000;
// A server slower than the interval would restart the same work for ever: each resend waits longer.
const RESEND_SLOWER = 1.6;
const RESEND_LONGEST_MS = 12000;
// When a server is back, a ward's browsers must not all come in the same moment.
const JITTER = 0.25;
const OFFLINE_AFTER_MS = 6000;
const DELIVER_AT_MOST = 200;
// Answers are never dropped, nor the events that move the reader on; of the others, which could pile up on a flaky
// line, the oldest go.
const KEEP_EVENTS = 100;
const STEERING = ["continue", "pause", "resume"];

export class Outbox {
  constructor(reader, deliver, onChange) {
    this.prefix = `dermdash-outbox:${reader}:`;
    this.deliver = deliver;
    this.onChange = onChange;
    this.items = new Map();
    this.waitingSince = new Map();
    this.sequence = Date.now();
    this.interval = RESEND_FIRST_MS;
    this.timer = null;
    this.asking = false;
    this.durable = true;
    this.restore();
  }

  restore() {
    try {
      for (let i = 0; i < localStorage.length; i += 1) {
        const key = localStorage.key(i);
        if (!key.startsWith(this.prefix)) continue;
        const item = JSON.parse(localStorage.getItem(key));
        if (item && typeof item.id === "string") {
          this.items.set(item.id, item);
          this.waitingSince.set(item.id, performance.now());
        }
      }
    } catch {
      this.durable = false;
    }
    const when = (item) => item.submitted_at || item.at || "";
    this.items = new Map([...this.items].sort(([, a], [, b]) => when(a).localeCompare(when(b))));
  }

  get size() {
    return this.items.size;
  }

  answers() {
    return [...this.items.values()].filter((item) => item.kind === "answer");
  }

  add(item, { delay = 0 } = {}) {
    const passing = [...this.items.values()].filter((i) => i.kind !== "answer" && !STEERING.includes(i.event));
    if (item.kind !== "answer" && passing.length >= KEEP_EVENTS) this.forget(passing[0].id);
    this.items.set(item.id, item);
    this.waitingSince.set(item.id, performance.now());
    try {
      localStorage.setItem(this.prefix + item.id, JSON.stringify(item));
    } catch {
      this.durable = false;
    }
    this.interval = RESEND_FIRST_MS;
    if (delay) this.schedule(delay);
    else this.flush();
  }

  // Drop what the server has dealt with; return the refused items with their reasons.
  settle(acknowledged, refused) {
    const back = [];
    for (const { id, reason } of refused) {
      const item = this.items.get(id);
      if (item) back.push({ item, reason });
      this.forget(id);
    }
    let progressed = back.length > 0;
    for (const id of acknowledged) progressed = this.forget(id) || progressed;
    if (progressed) {
      this.interval = RESEND_FIRST_MS;
      if (this.size === 0 && !this.asking) {
        clearTimeout(this.timer);
        this.timer = null;
      }
    }
    this.onChange();
    return back;
  }

  forget(id) {
    if (!this.items.delete(id)) return false;
    this.waitingSince.delete(id);
    try {
      localStorage.removeItem(this.prefix + id);
    } catch {
      this.durable = false;
    }
    return true;
  }

  // While the server has nothing to show, deliver even an empty outbox: that makes it look again.
  ask(asking) {
    const begins = asking && !this.asking;
    this.asking = asking;
    if (begins) this.interval = RESEND_FIRST_MS;
    if (asking && this.timer === null) this.scheduleAgain();
    if (!asking && this.size === 0) this.stop();
  }

  flush() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.size === 0 && !this.asking) {
      this.onChange();
      return;
    }
    this.sequence += 1;
    const events = [...this.items.values()].filter((item) => item.kind !== "answer");
    this.deliver({ seq: this.sequence, items: [...this.answers(), ...events].slice(0, DELIVER_AT_MOST) });
    this.scheduleAgain();
    this.onChange();
  }

  scheduleAgain() {
    this.schedule(this.interval * (1 - JITTER + 2 * JITTER * Math.random()));
    this.interval = Math.min(RESEND_LONGEST_MS, this.interval * RESEND_SLOWER);
  }

  schedule(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), delay);
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = null;
  }

  // "saved", "saving" or "offline", from the age of the oldest item.
  get connection() {
    if (!navigator.onLine) return "offline";
    if (this.size === 0) return "saved";
    const oldest = Math.min(...this.waitingSince.values());
    return performance.now() - oldest > OFFLINE_AFTER_MS ? "offline" : "saving";
  }
}
