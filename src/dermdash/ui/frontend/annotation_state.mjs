// Where an annotator stands, without a screen: which task is open, what they have entered, what is expected next.
// The server says which tasks there are; this knows only what has not come back from it yet, and goes on to the following
// task the moment one is submitted.
import { colorOf } from "./elements.mjs";
import { MarkHistory } from "./mark_history.mjs";
import { sent } from "./messages.mjs";
import { BOUND, ENTRY, SHAPE, STATE } from "./names.mjs";
import { BLOCKS, KIND, MOST, STRUCTURES, STRUCTURES_FIELD } from "./nomenclature.mjs";

const NOTHING_YET = { annotator: "", task: null, following: null };
const FIELDS = BLOCKS.flatMap((block) => block.fields);
const ORDER = STRUCTURES.map((s) => s.name);

const listOf = (value) => (Array.isArray(value) ? value : []);
const isMark = (m) => m && Array.isArray(m.points) && typeof m.shape === "string";

export class AnnotationState {
  constructor() {
    this.data = null;
    this.task = null;
    this.expects = STATE.EMPTY;
    this.message = "";
    this.unreachable = false;
    // Tasks that are submitted here.
    this.submitted = new Set();
    // What came back from the server unsaved, by task, with the reason: entered again when the task opens again.
    this.returned = new Map();
    // Whether the open task was filled with what came back.
    this.reentered = false;
    this.painted = null;
    this.shownAt = "";
    this.clear();
  }

  clear() {
    this.dx = null;
    this.values = {};
    this.unsure = false;
    this.comment = "";
    this.quality = null;
    this.history = new MarkHistory();
    // The structure that the next mark is of; null where that is said afterwards.
    this.structure = null;
  }

  // ---- what the server says --------------------------------------------------------------------------------
  receive(data) {
    this.unreachable = false;
    this.data = data;
  }

  // It can neither save nor load: all that is on the screen stays. Returns whether there is nothing on it yet.
  lose() {
    this.unreachable = true;
    if (this.data !== null) return false;
    this.data = NOTHING_YET;
    return true;
  }

  // Another annotator, or the first data: nothing is known but what is on its way.
  begin(onTheirWay, returned = []) {
    this.submitted = new Set(onTheirWay.map((item) => item.task));
    this.returned = new Map(returned);
    this.task = null;
    this.clear();
  }

  // A refused annotation makes its task open again, with all that was entered, and says why. Nothing of it is lost where the
  // task is not offered again: then it is `stranded`.
  refuse(refusals) {
    for (const { item, reason } of refusals) {
      const answer = item.kind === ENTRY.ANNOTATION;
      if (answer) this.submitted.delete(item.task);
      // A draft of an offered task stays on the screen as it is.
      if (answer || !this.isOffered(item.task)) this.returned.set(item.task, { annotation: item.annotation, reason });
      if (answer && this.isOffered(item.task)) this.message = `Not accepted: ${reason}`;
      else if (!answer && this.task && this.task.key === item.task) this.message = `Not kept: ${reason}`;
    }
  }

  isOffered(key) {
    return [this.data.task, this.data.following].some((one) => one && one.key === key);
  }

  // What came back and has no task to be entered into: for its author to look up, copy and dismiss.
  get stranded() {
    return [...this.returned].filter(([task]) => !this.isOffered(task)).map(([task, { annotation, reason }]) => ({ task, annotation, reason }));
  }

  dismiss(task) {
    return this.returned.delete(task);
  }

  // The first task that is not submitted here. While the server is away, the one on the screen stays.
  get next() {
    const { task, following } = this.data;
    return [task, following].find((one) => one && !this.submitted.has(one.key)) || null;
  }

  // Open the next task; returns whether it is another one, which has to be shown. `draftOf` finds what was entered for a
  // task and is not saved yet.
  take(draftOf) {
    const { next } = this;
    const known = this.task;
    if (!next) {
      if (known) this.clear();
      this.task = null;
      this.expects = this.submitted.size && (this.data.task || this.data.following) ? STATE.WAITING : STATE.FINISHED;
      return false;
    }
    const same = Boolean(known) && known.key === next.key;
    this.task = next;
    this.reentered = false;
    if (same && !this.returned.has(next.key)) return false;
    this.fill(next, draftOf(next.key));
    this.reentered = this.returned.delete(next.key);
    return !same;
  }

  // What is entered when a task opens: what came back refused, else the latest draft, here or at the server, else what is
  // known of patient and lesion.
  fill(task, unsaved) {
    this.clear();
    const stored = task.draft;
    const draft = unsaved && (!stored || unsaved.saved_at >= stored.saved_at) ? unsaved : stored;
    const content = this.returned.get(task.key)?.annotation || (draft && draft.annotation) || { values: task.known };
    this.dx = task.classes.some((c) => c.code === content.dx) ? content.dx : null;
    this.unsure = content.unsure === true;
    this.comment = typeof content.comment === "string" ? content.comment.slice(0, MOST.COMMENT) : "";
    this.quality = Number.isInteger(content.quality) ? content.quality : null;
    const values = content.values && typeof content.values === "object" ? content.values : {};
    this.values = { ...values, [STRUCTURES_FIELD]: listOf(values[STRUCTURES_FIELD]).filter((s) => ORDER.includes(s)) };
    this.history = new MarkHistory(listOf(content.marks).filter(isMark).slice(0, MOST.MARKS));
  }

  // ---- what happens on the screen --------------------------------------------------------------------------
  load() {
    this.expects = STATE.LOADING;
    this.painted = null;
  }

  paint(now, moment) {
    this.painted = now;
    this.shownAt = moment;
  }

  open() {
    if (this.expects === STATE.LOADING) this.expects = STATE.READY;
  }

  fail(message) {
    this.message = message;
  }

  get classes() {
    return this.task ? this.task.classes.map((c) => ({ code: c.code, name: c.name, color: colorOf(c.color) })) : [];
  }

  get size() {
    return { width: this.task.width, height: this.task.height };
  }

  get isOpen() {
    return this.expects === STATE.READY;
  }

  // ---- what the annotator does; each returns whether something changed ---------------------------------------
  set(what, value) {
    if (!this.isOpen) return false;
    this[what] = value;
    this.message = "";
    return true;
  }

  setValue(name, value) {
    if (!this.isOpen) return false;
    this.values = { ...this.values, [name]: value };
    this.message = "";
    return true;
  }

  // Choose one of a field's choices, or leave it again; of a list several may be chosen.
  choose({ name, kind, choices }, value) {
    const now = this.values[name];
    if (kind !== KIND.LIST) return this.setValue(name, now === value ? null : value);
    const list = listOf(now).includes(value) ? listOf(now).filter((v) => v !== value) : [...listOf(now), value];
    return this.setValue(name, choices.map((c) => c.value).filter((v) => list.includes(v)));
  }

  get structures() {
    const seen = listOf(this.values[STRUCTURES_FIELD]);
    return ORDER.filter((s) => seen.includes(s) || this.history.has(s));
  }

  // A structure is pressed: it names the selected mark, or is seen and the next mark's, or is seen no more.
  press(structure) {
    if (!this.isOpen) return false;
    this.message = "";
    const { current } = this.history;
    if (current) {
      this.history.name(structure);
      this.structure = structure;
      // A new mark has its name now: the next press is of another one.
      if (!current.structure) this.history.select(-1);
      return this.see(structure, true);
    }
    if (this.history.has(structure) || !this.structures.includes(structure)) {
      this.structure = structure;
      return this.see(structure, true);
    }
    if (this.structure === structure) this.structure = null;
    return this.see(structure, false);
  }

  see(structure, seen) {
    const others = listOf(this.values[STRUCTURES_FIELD]).filter((s) => s !== structure);
    return this.setValue(STRUCTURES_FIELD, ORDER.filter((s) => others.includes(s) || (seen && s === structure)));
  }

  // A mark is drawn, of the chosen structure or of one that is chosen next.
  draw(shape, points) {
    if (!this.isOpen) return false;
    if (!this.history.add({ structure: this.structure, shape, points })) {
      this.message = `There are ${MOST.MARKS} marks, more are not possible: delete some or mark groups as one.`;
      return true;
    }
    if (this.structure) {
      this.see(this.structure, true);
      this.history.select(-1);
    } else this.message = "Choose the structure of the new mark (X, then its letter).";
    return true;
  }

  // Whatever the history of marks can do, by name.
  edit(act, ...values) {
    if (!this.isOpen) return false;
    this.message = "";
    return this.history[act](...values);
  }

  // ---- what leaves -----------------------------------------------------------------------------------------
  get content() {
    const values = Object.fromEntries(Object.entries(this.values).filter(([, v]) => v !== null && v !== "" && !(Array.isArray(v) && !v.length)));
    if (this.structures.length) values[STRUCTURES_FIELD] = this.structures;
    return sent(SHAPE.CONTENT, {
      dx: this.dx,
      values,
      marks: this.history.marks.map(({ structure, shape, points }) => sent(SHAPE.MARK, { structure, shape, points })),
      unsure: this.unsure,
      comment: this.comment,
      quality: this.quality,
    });
  }

  draft({ id, moment }) {
    return sent(SHAPE.DRAFT, { kind: ENTRY.DRAFT, id, task: this.task.key, annotation: this.content, saved_at: moment });
  }

  // What a submission still lacks, in words; empty where nothing.
  get missing() {
    if (this.dx === null && !this.unsure) return `Choose a diagnosis first (keys 1 to ${Math.min(9, this.task.classes.length)}), or mark the record as unsure (U).`;
    if (this.quality === null) return "Say how good the image is first (keys A, S, D, F, G).";
    const wrong = FIELDS.find((f) => this.faultOf(f));
    if (wrong) return `${wrong.title}: ${this.faultOf(wrong)}`;
    const { unnamed } = this.history;
    return unnamed >= 0 ? `Mark ${unnamed + 1} has no structure yet: choose one (X), or delete it (Delete).` : "";
  }

  // What is wrong with what was typed into a field; empty where nothing.
  faultOf({ name, kind, minimum, maximum, unit }) {
    const value = this.values[name];
    if (value === undefined || value === null || value === "" || (kind !== KIND.INTEGER && kind !== KIND.NUMBER)) return "";
    const whole = kind === KIND.INTEGER;
    const right = typeof value === "number" && value >= minimum && value <= maximum && (!whole || Number.isInteger(value));
    return right ? "" : `a ${whole ? "whole " : ""}number from ${minimum} to ${maximum} ${unit} is expected.`;
  }

  // Lock the annotation; returns the item for the outbox. None where something is missing, which the message then says.
  submit({ id, now, moment }) {
    const { missing } = this;
    if (missing) {
      this.message = missing;
      if (this.history.unnamed >= 0) this.history.select(this.history.unnamed);
      return null;
    }
    this.submitted.add(this.task.key);
    this.message = "";
    return sent(SHAPE.ANNOTATION, {
      kind: ENTRY.ANNOTATION,
      id,
      task: this.task.key,
      annotation: this.content,
      // The server takes no longer time: a page left open for weeks must still be able to save.
      client_ms: Math.min(BOUND.LONGEST_MS, Math.round((now - this.painted) * 10) / 10),
      shown_at: this.shownAt,
      submitted_at: moment,
    });
  }
}
