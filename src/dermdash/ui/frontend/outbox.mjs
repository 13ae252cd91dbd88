// Everything that a reader or annotator has done and the server has not yet acknowledged.
// Each item lies under a key of its own in localStorage, so that two tabs never overwrite one another, and a reload,
// a crash or a lost connection loses nothing. The whole list is delivered again and again until every id is
// acknowledged; the server ignores ids it has.
import { sent } from "./messages.mjs";
import { BOUND, CONNECTION, ENTRY, KEPT, SHAPE, STEERING } from "./names.mjs";

const RESEND_FIRST_MS = 2000;
// A server slower than the interval would restart the same work for ever: each resend waits longer.
const RESEND_SLOWER = 1.6;
const RESEND_LONGEST_MS = 12000;
// A server that took long for the last items will take as long for these: to ask it again before would double its work.
const RESEND_PATIENT_MS = 6000;
// An answer of the server takes seconds on a slow line: what is asked again meanwhile would only come behind it.
const RESEND_SLOW_MS = 10000;
// When a server is back, a ward's browsers must not all come in the same moment.
const JITTER = 0.25;
const OFFLINE_AFTER_MS = 6000;
// A slow line is no line that is gone.
const OFFLINE_SLOW_MS = 30000;
// Answers and annotations are never dropped, nor the events that move the reader on; of the others, which could pile up
// on a flaky line, the oldest go. Of drafts of a task there is only the latest.
const KEEP_EVENTS = 100;

// What an outbox needs of the browser it is in.
const HERE = {
  storage: () => localStorage,
  online: () => navigator.onLine,
  now: () => performance.now(),
  today: () => Date.now(),
  chance: () => Math.random(),
  later: (act, delay) => setTimeout(act, delay),
  cancel: (timer) => clearTimeout(timer),
};

// The same for a preview, whose browser shall keep nothing.
export const FORGETFUL = { ...HERE, storage: () => ({ length: 0, setItem() {}, removeItem() {} }) };

const isAnswer = (item) => KEPT.includes(item.kind);
const isDraft = (item) => item.kind === ENTRY.DRAFT;
// Passing things may be lost: what happened beside the work.
const isPassing = (item) => !isAnswer(item) && !isDraft(item) && !STEERING.includes(item.event);

export class Outbox {
  constructor(reader, deliver, onChange, browser = HERE) {
    this.prefix = `dermdash-outbox:${reader}:`;
    this.deliver = deliver;
    this.onChange = onChange;
    this.browser = browser;
    this.items = new Map();
    this.waitingSince = new Map();
    this.sequence = browser.today();
    this.took = 0;
    this.interval = RESEND_FIRST_MS;
    this.timer = null;
    this.due = 0;
    this.asking = false;
    this.durable = true;
    // Names of what this browser holds already: the server need not send it again.
    this.holds = () => [];
    // Whether the line is slow or breaks, as far as is known: then it fetches pictures itself.
    this.fetches = () => false;
    // Whether what came has come slowly.
    this.isSlow = () => false;
    this.restore();
  }

  restore() {
    this.tryStorage((storage) => {
      for (let i = 0; i < storage.length; i += 1) {
        const key = storage.key(i);
        if (!key.startsWith(this.prefix)) continue;
        const item = JSON.parse(storage.getItem(key));
        if (item && typeof item.id === "string") {
          this.items.set(item.id, item);
          this.waitingSince.set(item.id, this.browser.now());
        }
      }
    });
    const when = (item) => item.submitted_at || item.at || item.saved_at || "";
    this.items = new Map([...this.items].sort(([, a], [, b]) => when(a).localeCompare(when(b))));
  }

  // Storage may be full, switched off or spoiled: then what is here lives as long as the page, which says so.
  tryStorage(act) {
    try {
      act(this.browser.storage());
    } catch {
      this.durable = false;
    }
  }

  // How long it waits before it delivers for the second time.
  get patience() {
    return Math.max(RESEND_FIRST_MS, Math.min(RESEND_PATIENT_MS, 2 * this.took));
  }

  get size() {
    return this.items.size;
  }

  // What was submitted: answers of readers, annotations of annotators.
  answers() {
    return [...this.items.values()].filter(isAnswer);
  }

  // What was entered for a task last and is not saved yet; null where all of it is.
  draftOf(task) {
    const drafts = [...this.items.values()].filter((item) => isDraft(item) && item.task === task);
    return drafts.sort((a, b) => a.saved_at.localeCompare(b.saved_at)).at(-1) || null;
  }

  add(item, { delay = 0 } = {}) {
    const passing = [...this.items.values()].filter(isPassing);
    if (isPassing(item) && passing.length >= KEEP_EVENTS) this.forget(passing[0].id);
    this.items.set(item.id, item);
    this.waitingSince.set(item.id, this.browser.now());
    this.tryStorage((storage) => storage.setItem(this.prefix + item.id, JSON.stringify(item)));
    // After the new one is kept: a crash in between must leave one of them.
    if (item.task) this.forgetDrafts(item);
    this.interval = this.patience;
    if (!delay) this.flush();
    else if (this.timer === null || this.browser.now() + delay < this.due) this.schedule(delay);
  }

  // A later draft, or the annotation itself, takes the place of drafts of the same task.
  forgetDrafts({ id, task }) {
    for (const other of [...this.items.values()]) if (isDraft(other) && other.task === task && other.id !== id) this.forget(other.id);
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
    for (const id of acknowledged) {
      const since = this.waitingSince.get(id);
      if (since !== undefined) this.took = this.browser.now() - since;
      // So long is no server at work, but one that was away, or a line.
      if (this.took > RESEND_LONGEST_MS) this.took = 0;
      progressed = this.forget(id) || progressed;
    }
    if (progressed) {
      this.interval = this.patience;
      if (this.size === 0 && !this.asking) this.stop();
    }
    this.onChange();
    return back;
  }

  forget(id) {
    if (!this.items.delete(id)) return false;
    this.waitingSince.delete(id);
    this.tryStorage((storage) => storage.removeItem(this.prefix + id));
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
    this.stop();
    if (this.size === 0 && !this.asking) {
      this.onChange();
      return;
    }
    this.sequence += 1;
    const events = [...this.items.values()].filter((item) => !isAnswer(item));
    const items = [...this.answers(), ...events].slice(0, BOUND.MOST_ITEMS);
    this.deliver(sent(SHAPE.OUTBOX, { seq: this.sequence, items: this.asMuchAsIsTaken(items), holds: this.holds(), fetches: this.fetches() }));
    this.scheduleAgain();
    this.onChange();
  }

  // A message that is too large would end the connection: the rest goes with the next one.
  asMuchAsIsTaken(items) {
    let characters = 0;
    return items.filter((item, i) => {
      characters += JSON.stringify(item).length;
      return i === 0 || characters <= BOUND.MOST_CHARACTERS;
    });
  }

  scheduleAgain() {
    this.schedule(Math.max(this.interval, this.fetches() ? RESEND_SLOW_MS : 0) * (1 - JITTER + 2 * JITTER * this.browser.chance()));
    this.interval = Math.min(RESEND_LONGEST_MS, this.interval * RESEND_SLOWER);
  }

  schedule(delay) {
    this.stop();
    this.due = this.browser.now() + delay;
    this.timer = this.browser.later(() => this.flush(), delay);
  }

  stop() {
    this.browser.cancel(this.timer);
    this.timer = null;
  }

  // Where the answers are, from the age of the oldest item.
  get connection() {
    if (!this.browser.online()) return CONNECTION.OFFLINE;
    if (this.size === 0) return CONNECTION.SAVED;
    const oldest = Math.min(...this.waitingSince.values());
    const patience = this.isSlow() ? OFFLINE_SLOW_MS : OFFLINE_AFTER_MS;
    return this.browser.now() - oldest > patience ? CONNECTION.OFFLINE : CONNECTION.SAVING;
  }
}
