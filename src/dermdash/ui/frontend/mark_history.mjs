// The marks of one task, which of them is selected, and how to go back: every change keeps what was before it.
import { movedBy } from "./annotation_geometry.mjs";
import { MOST } from "./nomenclature.mjs";

const MOST_STEPS = 100;

export class MarkHistory {
  constructor(marks = []) {
    this.marks = marks;
    this.selected = -1;
    this.before = [];
    this.after = [];
  }

  // Replace the marks; whatever was undone is gone then, as in any editor.
  change(marks, selected) {
    this.before = [...this.before, this.marks].slice(-MOST_STEPS);
    this.after = [];
    this.marks = marks;
    this.selected = selected;
  }

  get isFull() {
    return this.marks.length >= MOST.MARKS;
  }

  get current() {
    return this.marks[this.selected] || null;
  }

  add(mark) {
    if (this.isFull) return false;
    this.change([...this.marks, mark], this.marks.length);
    return true;
  }

  remove(at = this.selected) {
    if (!this.marks[at]) return false;
    this.change(this.marks.filter((_, i) => i !== at), -1);
    return true;
  }

  // Say what the selected mark is.
  name(structure) {
    if (!this.current || this.current.structure === structure) return false;
    this.change(this.marks.map((m, i) => (i === this.selected ? { ...m, structure } : m)), this.selected);
    return true;
  }

  move(dx, dy, size) {
    if (!this.current) return false;
    const moved = { ...this.current, points: movedBy(this.current.points, dx, dy, size) };
    this.change(this.marks.map((m, i) => (i === this.selected ? moved : m)), this.selected);
    return true;
  }

  select(at) {
    this.selected = this.marks[at] ? at : -1;
  }

  // The next one or the one before, round and round.
  step(by) {
    const count = this.marks.length;
    if (!count) return;
    this.selected = this.selected < 0 ? (by > 0 ? 0 : count - 1) : (this.selected + by + count) % count;
  }

  undo() {
    if (!this.before.length) return false;
    this.after = [this.marks, ...this.after];
    this.marks = this.before.at(-1);
    this.before = this.before.slice(0, -1);
    this.selected = -1;
    return true;
  }

  redo() {
    if (!this.after.length) return false;
    this.before = [...this.before, this.marks];
    [this.marks, ...this.after] = this.after;
    this.selected = -1;
    return true;
  }

  // The first mark that nobody has said the structure of; -1 where all have one.
  get unnamed() {
    return this.marks.findIndex((m) => !m.structure);
  }

  has(structure) {
    return this.marks.some((m) => m.structure === structure);
  }
}
