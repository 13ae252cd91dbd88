// Where a reader stands, without a screen: which step is open, what they have chosen, what is expected of them next.
// The server says which step is open; this knows only what has not come back from it yet.
import { classKey } from "./choice_keys.mjs";
import { colorOf } from "./elements.mjs";
import { sent } from "./messages.mjs";
import { BOUND, EVENT, ITEM, PHASE, SHAPE, STATE } from "./names.mjs";
import { ReadingClock } from "./reading_clock.mjs";

// Why what is to be judged is not seen.
const AWAY = { COVERED: "covered by a curtain", HIDDEN: "in a hidden tab" };

// What stands on the screen of a page that was opened while the study cannot be reached.
const NOTHING_YET = {
  reader: "", question: "", classes: [], confidence_levels: [], asked: { diagnosis: true, malignancy_rating: false, managements: [] }, step: null,
  prefetch: null, interlude: null, messages: [], closed: null, closing: null, game: "", large: null, room: { answers: false, line: false, counted: false, pictures: 0 },
};

// What an answer is made of.
const ANSWERED = ["dx", "confidence", "malignancy_rating", "management"];
// What is asked one after the other where the screen is small; how sure a reader is stands beside all of it.
const IN_TURN = ["dx", "malignancy_rating", "management"];
const MILESTONE = 10;

// How many cases are done where a step begins another ten, and how many are left; null at all other steps.
export function milestoneOf({ position, total, practice, screening, previous }) {
  const done = position - 1;
  const counts = done > 0 && done % MILESTONE === 0 && !practice && !screening && !previous;
  return counts ? { done, left: total - done } : null;
}

export const stepId = (step) => `${step.key}|${step.phase}`;
const idOfStepAnswered = (item) => `${item.step_key}|${item.phase}`;

export class ReadingState {
  constructor() {
    this.data = null;
    this.classes = [];
    this.step = null;
    this.expects = STATE.EMPTY;
    this.dx = null;
    this.confidence = null;
    this.malignancy_rating = null;
    this.management = null;
    // What is to be said to the reader: a text of the words and what fills it; null where nothing.
    this.message = null;
    // The question that is asked now, of several in turn.
    this.asking = "dx";
    // Steps whose answer is given here, steps whose feedback was left here, and steps begun from an interlude here.
    this.locked = new Set();
    this.continued = new Set();
    this.begun = new Set();
    // What the reader did about pausing that the server does not know yet; null where nothing.
    this.pausedHere = null;
    this.unreachable = false;
    // A step that came behind the pause curtain, where nobody sees it.
    this.deferred = false;
    this.shownKey = null;
    this.clock = new ReadingClock();
    this.shownAt = "";
    this.timedOut = null;
  }

  // ---- what the server says --------------------------------------------------------------------------------
  receive(data) {
    this.unreachable = false;
    this.data = data;
    this.classes = data.classes.map((c) => ({ ...c, color: colorOf(c.color) }));
    if (this.pausedHere !== null && this.pausedHere === Boolean(data.paused)) this.pausedHere = null;
  }

  // It can neither save nor load: all that is on the screen stays. Returns whether there is nothing on it yet.
  lose() {
    this.unreachable = true;
    if (this.data !== null) return false;
    this.data = NOTHING_YET;
    return true;
  }

  // Another reader, or the first data: nothing is known but the answers on their way.
  begin(onTheirWay) {
    this.locked = new Set(onTheirWay.map(idOfStepAnswered));
    this.step = null;
    this.shownKey = null;
  }

  // Refused answers make their steps open again. While the study cannot be reached the open one stays on the screen: the
  // server sends it anew when it is back.
  refuse(refusals) {
    for (const { item, reason } of refusals) {
      if (item.kind !== ITEM.ANSWER) continue;
      this.locked.delete(idOfStepAnswered(item));
      this.message = { text: "NOT_ACCEPTED", values: { reason } };
      if (!this.unreachable && this.step && stepId(this.step) === idOfStepAnswered(item)) this.step = null;
    }
  }

  // The step that is open now; returns whether it is another one, which has to be shown.
  take(step, onTheirWay) {
    const known = this.step;
    this.step = step || null;
    if (!step) {
      this.expects = STATE.EMPTY;
      return false;
    }
    const same = Boolean(known) && stepId(known) === stepId(step);
    // The answer may have been given in another tab: whatever this one shows, feedback comes next.
    const waits = this.expects === STATE.WAITING || this.expects === STATE.READY;
    if (same && waits && this.goal === STATE.FEEDBACK) this.expects = STATE.FEEDBACK;
    else if (same) return false;
    this.adopt(onTheirWay);
    return !same;
  }

  // What is asked at the open step once it is painted: an answer, patience while one is being saved, or leave from
  // feedback.
  get goal() {
    const { step } = this;
    if (step.feedback && !this.continued.has(stepId(step))) return STATE.FEEDBACK;
    return this.locked.has(stepId(step)) || step.feedback ? STATE.WAITING : STATE.READY;
  }

  // One's own answer as it stands when a step opens: the one that feedback speaks of, one on its way from before a
  // reload, else the one before assistance.
  adopt(onTheirWay) {
    const { step } = this;
    const given = onTheirWay.find((item) => idOfStepAnswered(item) === stepId(step));
    const answer = (step.feedback && step.feedback.answer) || given || step.previous;
    for (const what of ANSWERED) this[what] = answer ? answer[what] : null;
    [this.asking] = this.inTurn;
  }

  // The questions that are asked in turn.
  get inTurn() {
    const { diagnosis, malignancy_rating: rating, managements } = this.data.asked;
    const asked = { dx: diagnosis, malignancy_rating: rating, management: managements.length > 0 };
    return IN_TURN.filter((what) => asked[what]);
  }

  // Turn to a question.
  ask(what) {
    this.asking = what;
  }

  // Turn to the first question without an answer; where there is none the one that is asked stays.
  askNext() {
    this.asking = this.inTurn.find((what) => this[what] === null) || this.asking;
  }

  // ---- what happens on the screen --------------------------------------------------------------------------
  // Behind the pause curtain nobody sees the image: it is shown, and its time starts, on resuming.
  load() {
    this.expects = STATE.LOADING;
    this.clock.stop();
    this.deferred = this.curtained;
  }

  paint(now, moment) {
    this.shownKey = this.step.key;
    this.clock.begin(now);
    this.shownAt = moment;
  }

  // The tab is hidden from now on, or seen again.
  hide(hidden, now) {
    this.clock.setAway(AWAY.HIDDEN, hidden, now);
  }

  // The image has been seen long enough for an answer to be meant for it.
  open(onTheirWay) {
    if (this.expects !== STATE.LOADING) return;
    this.adopt(onTheirWay);
    this.expects = this.goal;
  }

  fail(text) {
    this.expects = STATE.LOADING;
    this.message = { text, values: {} };
  }

  // Seconds that are left for an answer; null where none are counted.
  secondsLeft(now) {
    const limit = this.step && this.step.time_limit_s;
    const running = this.expects === STATE.READY || this.expects === STATE.LOADING;
    if (!limit || !running || !this.clock.running || this.curtained || this.finished) return null;
    return Math.ceil(limit - this.clock.seenAt(now) / 1000);
  }

  // Whether the time for the open step is over; true once for each step.
  timeIsUp(now) {
    const left = this.secondsLeft(now);
    if (left === null || left > 0 || this.timedOut === stepId(this.step)) return false;
    this.timedOut = stepId(this.step);
    return true;
  }

  // ---- what the reader does --------------------------------------------------------------------------------
  get paused() {
    return this.pausedHere === null ? Boolean(this.data.paused) : this.pausedHere;
  }

  get finished() {
    return Boolean(this.data.finished);
  }

  // What stands before the open step until the reader begins it; null where nothing does.
  get interlude() {
    const { interlude } = this.data;
    return interlude && !this.finished && !this.begun.has(interlude.key) ? interlude : null;
  }

  // Whether a curtain hides the case.
  get curtained() {
    return this.paused || this.interlude !== null;
  }

  get aided() {
    return Boolean(this.step) && this.step.phase === PHASE.AIDED;
  }

  // Whether an answer from before assistance is to be kept or changed; with assistance from the start there is none.
  get revises() {
    return this.aided && Boolean(this.step.previous);
  }

  get changed() {
    const before = this.step && this.step.previous;
    return Boolean(before) && ANSWERED.some((what) => before[what] !== this[what]);
  }

  // The text that asks for what the answer still lacks, and what fills it; null where it lacks nothing.
  get lacking() {
    const { asked } = this.data;
    const known = this.classes.some((c) => c.code === this.dx);
    if (asked.diagnosis && !known) return { text: "CHOOSE_DIAGNOSIS", values: { last: classKey(this.classes.length - 1).toUpperCase() } };
    if (this.data.confidence_levels.length && !this.confidence) return { text: "SAY_HOW_SURE", values: {} };
    if (asked.malignancy_rating && this.malignancy_rating === null) return { text: "RATE_FIRST", values: {} };
    if (asked.managements.length && this.management === null) return { text: "CHOOSE_MANAGEMENT", values: {} };
    return null;
  }

  get complete() {
    return this.lacking === null;
  }

  // The state of the whole panel, as its page calls it.
  get shown() {
    if (this.finished) return STATE.FINISHED;
    if (this.paused) return STATE.PAUSED;
    return this.interlude ? STATE.INTERLUDE : this.expects;
  }

  // Returns whether a choice can be made now.
  choose(what, value) {
    if (this.expects !== STATE.READY || this.curtained) return false;
    const first = this[what] === null;
    this[what] = value;
    this.message = null;
    // A slider is not taken from under the hand that moves it.
    if (first && what !== "malignancy_rating") this.askNext();
    return true;
  }

  // Leave the feedback that is shown; returns whether there is one.
  leaveFeedback() {
    if (this.expects !== STATE.FEEDBACK || this.paused) return false;
    this.continued.add(stepId(this.step));
    this.expects = STATE.WAITING;
    return true;
  }

  // Lock the answer; returns the item for the outbox. None where something is missing, which the message then says.
  lock({ id, now, moment }) {
    if (!this.complete) {
      this.message = this.lacking;
      this.askNext();
      return null;
    }
    this.locked.add(stepId(this.step));
    this.message = null;
    this.expects = STATE.WAITING;
    this.clock.count(now);
    const counted = (ms) => Math.min(BOUND.LONGEST_MS, Math.round(ms * 10) / 10);
    return sent(SHAPE.ANSWER, {
      kind: ITEM.ANSWER,
      id,
      step_key: this.step.key,
      phase: this.step.phase,
      dx: this.dx,
      confidence: this.confidence,
      malignancy_rating: this.malignancy_rating,
      management: this.management,
        // The server takes no longer time for an answer: a page left open for weeks must still be able to save one.
      client_ms: counted(this.clock.seen),
      hidden_ms: counted(this.clock.unseen),
      shown_at: this.shownAt,
      submitted_at: moment,
    });
  }

  // The item for the outbox that says what happened beside an answer.
  event(event, { id, moment }) {
    return sent(SHAPE.EVENT, { kind: ITEM.EVENT, id, event, step_key: this.step ? this.step.key : "", at: moment });
  }

  // Where no case is open there is nothing to pause.
  get mayPause() {
    return Boolean(this.step) && !this.paused && !this.finished;
  }

  // Returns the kind of event that is to be said of it; null where nothing changes.
  pause(now) {
    if (!this.mayPause) return null;
    this.pausedHere = true;
    this.cover(now);
    return EVENT.PAUSE;
  }

  resume(now) {
    if (!this.paused) return null;
    this.pausedHere = false;
    this.cover(now);
    return EVENT.RESUME;
  }

  // Time behind a curtain is no reading time.
  cover(now) {
    this.clock.setAway(AWAY.COVERED, this.curtained, now);
  }

  // Leave what stands before the open step; returns the kind of event that says so, null where nothing does.
  beginStep(now) {
    const { interlude } = this;
    if (!interlude || this.paused) return null;
    this.begun.add(interlude.key);
    this.cover(now);
    return EVENT.BEGIN;
  }
}
