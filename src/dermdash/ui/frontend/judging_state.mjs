// Where somebody stands who looks at images for what shows a person, without a screen: the image, the regions that would be
// covered, and what is sent about it.
import { MarkHistory } from "./mark_history.mjs";
import { sent } from "./messages.mjs";
import { JUDGE, MARK, SHAPE } from "./names.mjs";

const markOf = ({ x, y, width, height }) => ({ shape: MARK.RECTANGLE, proposed: true, points: [[x, y], [x + width, y + height]] });

// The rectangle of a mark, with every pixel that it touches.
function regionOf({ points: [[x1, y1], [x2, y2]] }) {
  const [x, y] = [Math.floor(Math.min(x1, x2)), Math.floor(Math.min(y1, y2))];
  return sent(SHAPE.REGION, { x, y, width: Math.ceil(Math.max(x1, x2)) - x, height: Math.ceil(Math.max(y1, y2)) - y });
}

export class JudgingState {
  constructor(today = Date.now) {
    this.today = today;
    this.data = null;
    this.history = new MarkHistory();
    this.number = 0;
    this.waits = false;
    this.confirms = false;
    this.previews = false;
  }

  // What the server says; of the same image all that was drawn stays. Returns whether it is another one.
  receive(data) {
    const another = this.data === null || this.data.image_id !== data.image_id;
    // An answer to something older than what was sent last leaves the screen as it waits.
    if (data.seen >= this.number) this.waits = false;
    this.data = data;
    if (another) {
      this.history = new MarkHistory(data.proposals.map(markOf));
      this.confirms = false;
      this.previews = false;
    }
    return another;
  }

  get task() {
    return this.data;
  }

  get size() {
    return this.data;
  }

  get isOpen() {
    return this.data !== null && this.data.may && !this.waits;
  }

  // Whatever the history of marks can do, by name. What changes is to be confirmed anew.
  edit(act, ...values) {
    if (!this.isOpen) return false;
    this.confirms = false;
    return this.history[act](...values);
  }

  draw(shape, points) {
    return this.edit("add", { shape, points, proposed: false });
  }

  // Ask whether to cover, or leave that question.
  ask(on) {
    this.confirms = on && this.isOpen && this.history.marks.length > 0;
    return this.confirms === on;
  }

  // What is sent; null where it cannot be done now.
  judgement(act, note = "") {
    const steps = act === JUDGE.NEXT || act === JUDGE.PREVIOUS;
    if (this.data === null || this.waits || !(this.data.may || steps)) return null;
    const { place, total, cleared } = this.data;
    if (act === JUDGE.NEXT && place >= total) return null;
    if (act === JUDGE.PREVIOUS && place <= 1) return null;
    if (act === JUDGE.CLEAR && cleared) return null;
    if (act === JUDGE.OPEN && !cleared) return null;
    if (act === JUDGE.COVER && !this.confirms) return null;
    // The clock, so that another session of the same browser goes on above the number of the one before.
    this.number = Math.max(this.today(), this.number + 1);
    this.waits = true;
    this.confirms = false;
    const regions = act === JUDGE.COVER ? this.history.marks.map(regionOf) : [];
    return sent(SHAPE.JUDGEMENT, { number: this.number, act, image_id: this.data.image_id, regions, note });
  }
}
