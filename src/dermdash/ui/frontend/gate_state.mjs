// Where somebody stands who scores images at the acquisition gate, without a screen: what is ticked, and what is sent.
import { sent } from "./messages.mjs";
import { GATE, SHAPE } from "./names.mjs";

const TICKS = ["", "yes", "no", "na"];

export class GateState {
  constructor(today = Date.now) {
    this.today = today;
    this.data = null;
    this.ticked = new Map();
    this.number = 0;
    this.waits = false;
    this.given = 0;
  }

  // What the server says; of the same image all that was ticked stays. Returns whether it is another one.
  receive(data) {
    const another = this.data === null || this.data.image_id !== data.image_id;
    // An answer to something older than what was sent last leaves the screen as it waits.
    if (data.seen >= this.number) this.waits = false;
    this.data = data;
    if (another) this.ticked = new Map(data.ticked.map(({ item, answer }) => [item, answer]));
    if (!this.waits) this.given = 0;
    return another;
  }

  get isOpen() {
    return this.data !== null && this.data.may && !this.waits;
  }

  // Yes, no, not applicable, nothing, and round again.
  tick(item) {
    if (!this.isOpen) return false;
    const next = TICKS[(TICKS.indexOf(this.ticked.get(item) || "") + 1) % TICKS.length];
    if (next) this.ticked.set(item, next);
    else this.ticked.delete(item);
    return true;
  }

  itemOf(hotkey) {
    const items = (this.data?.groups || []).flatMap((group) => group.items);
    return items.find((item) => item.hotkey === hotkey)?.key || null;
  }

  // What is sent; null where it cannot be done now.
  answer(act, score = 0, note = "") {
    const steps = act === GATE.NEXT || act === GATE.PREVIOUS;
    if (this.data === null || this.waits || !(this.data.may || steps)) return null;
    if (act === GATE.NEXT && this.data.place >= this.data.total) return null;
    if (act === GATE.PREVIOUS && this.data.place <= 1) return null;
    if (act === GATE.SCORE && !this.data.scores.some((one) => one.score === score)) return null;
    if (act === GATE.TAKE_BACK && !this.data.score) return null;
    // The clock, so that another session of the same browser goes on above the number of the one before.
    this.number = Math.max(this.today(), this.number + 1);
    this.waits = true;
    this.given = score;
    const ticked = act === GATE.SCORE ? [...this.ticked].map(([item, answer]) => sent(SHAPE.GATE_TICK, { item, answer })) : [];
    return sent(SHAPE.GATE_ANSWER, { number: this.number, act, image_id: this.data.image_id, held: this.data.held, score, ticked, note });
  }
}
