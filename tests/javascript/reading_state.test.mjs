import assert from "node:assert/strict";
import test from "node:test";

import { BOUND, EVENT, ITEM, PHASE, STATE } from "../../src/dermdash/ui/frontend/names.mjs";
import { ReadingState, milestoneOf, stepId } from "../../src/dermdash/ui/frontend/reading_state.mjs";

const CLASSES = [
  { code: "mel", name: "Melanoma", color: "#D55E00" },
  { code: "nv", name: "Naevus", color: "not a colour" },
];
const MOMENT = "2026-01-01T10:00:00.000Z";

const NOTHING = { diagnosis: true, malignancy_rating: false, managements: [] };

const stepOf = (changes = {}) => ({
  key: "case-1", phase: PHASE.UNAIDED, position: 1, total: 4, practice: false, time_limit_s: null, image: "", previous: null,
  assistance: null, feedback: null, ...changes,
});
const dataOf = (changes = {}) => ({
  reader: "reader-a", question: "What is it?", classes: CLASSES, confidence_levels: ["Guess", "Sure"], asked: NOTHING, step: null, prefetch: null, interlude: null, messages: [], closed: null, closing: null,
  acknowledged: [], refused: [], paused: false, finished: false, ...changes,
});
const sentAnswer = (changes = {}) => ({ kind: ITEM.ANSWER, step_key: "case-1", phase: PHASE.UNAIDED, dx: "nv", confidence: 2, ...changes });

// A state at a step that was painted at `now` and seen long enough.
function at(step, { onTheirWay = [], data = {}, now = 1000 } = {}) {
  const state = new ReadingState();
  state.receive(dataOf({ step, ...data }));
  state.begin(onTheirWay);
  shown(state, step, { onTheirWay, now });
  return state;
}

function shown(state, step, { onTheirWay = [], now = 1000 } = {}) {
  assert.equal(state.take(step, onTheirWay), true);
  state.load();
  assert.equal(state.expects, STATE.LOADING);
  state.paint(now, MOMENT);
  state.open(onTheirWay);
}

const lock = (state, now = 2234.56) => state.lock({ id: "id-1", now, moment: "2026-01-01T10:00:01.000Z" });

test("a step without an answer waits for one, and the answer says when the image was painted and for how long", () => {
  const state = at(stepOf());
  assert.equal(state.expects, STATE.READY);
  assert.equal(state.choose("dx", "mel"), true);
  assert.equal(state.complete, false);
  assert.equal(state.choose("confidence", 2), true);
  assert.equal(state.complete, true);
  assert.deepEqual(lock(state), {
    kind: ITEM.ANSWER, id: "id-1", step_key: "case-1", phase: PHASE.UNAIDED, dx: "mel", confidence: 2, malignancy_rating: null,
    management: null, client_ms: 1234.6, hidden_ms: 0,
    shown_at: MOMENT, submitted_at: "2026-01-01T10:00:01.000Z",
  });
  assert.equal(state.expects, STATE.WAITING);
});

test("a locked answer cannot be changed, nor is it asked for again when the same step comes once more", () => {
  const state = at(stepOf());
  state.choose("dx", "mel");
  state.choose("confidence", 1);
  lock(state);
  assert.equal(state.choose("dx", "nv"), false);
  assert.equal(state.take(stepOf(), []), false);
  assert.deepEqual([state.expects, state.dx], [STATE.WAITING, "mel"]);
});

test("nothing is chosen before the image is painted and seen", () => {
  const state = new ReadingState();
  state.receive(dataOf());
  state.begin([]);
  state.take(stepOf(), []);
  state.load();
  assert.equal(state.choose("dx", "mel"), false);
  state.paint(1000, MOMENT);
  assert.equal(state.choose("dx", "mel"), false);
  state.open([]);
  assert.equal(state.choose("dx", "mel"), true);
});

test("a step that is gone before its image was seen opens nothing", () => {
  const state = new ReadingState();
  state.receive(dataOf());
  state.begin([]);
  state.take(stepOf(), []);
  state.load();
  state.paint(1000, MOMENT);
  state.take(null, []);
  state.open([]);
  assert.equal(state.expects, STATE.EMPTY);
});

test("an answer without a diagnosis or a confidence is not locked, and the message says what is missing", () => {
  const state = at(stepOf());
  assert.equal(lock(state), null);
  assert.deepEqual(state.message, { text: "CHOOSE_DIAGNOSIS", values: { last: "2" } });
  state.choose("dx", "mel");
  assert.equal(state.message, null);
  assert.equal(lock(state), null);
  assert.equal(state.message.text, "SAY_HOW_SURE");
  assert.equal(state.expects, STATE.READY);
});

test("a diagnosis that is none of the study's is not locked", () => {
  const state = at(stepOf({ phase: PHASE.AIDED, previous: { dx: "gone", confidence: 1 } }));
  assert.equal(lock(state), null);
});

test("a page left open for weeks still makes an answer that the server takes", () => {
  const state = at(stepOf());
  state.choose("dx", "mel");
  state.choose("confidence", 1);
  assert.equal(lock(state, 1e12).client_ms, BOUND.LONGEST_MS);
});

test("with assistance from the start there is no answer to keep or to change", () => {
  const state = at(stepOf({ phase: PHASE.AIDED, previous: null }));
  assert.deepEqual([state.aided, state.revises, state.changed], [true, false, false]);
});

test("with assistance one's own answer stands first, and any change of it is known", () => {
  const state = at(stepOf({ phase: PHASE.AIDED, previous: { dx: "nv", confidence: 2 } }));
  assert.deepEqual([state.dx, state.confidence, state.aided, state.changed, state.revises], ["nv", 2, true, false, true]);
  state.choose("confidence", 1);
  assert.equal(state.changed, true);
  state.choose("confidence", 2);
  state.choose("dx", "mel");
  assert.equal(state.changed, true);
});

test("an answer on its way from before a reload stands locked, and is not asked for again", () => {
  const onTheirWay = [sentAnswer()];
  const state = at(stepOf(), { onTheirWay });
  assert.deepEqual([state.expects, state.dx, state.confidence], [STATE.WAITING, "nv", 2]);
});

test("a refused answer opens its step again, with the reason", () => {
  const state = at(stepOf());
  state.choose("dx", "mel");
  state.choose("confidence", 1);
  const answer = lock(state);
  state.refuse([{ item: answer, reason: "too late" }]);
  assert.deepEqual(state.message, { text: "NOT_ACCEPTED", values: { reason: "too late" } });
  shown(state, stepOf());
  assert.equal(state.expects, STATE.READY);
});

test("while the study cannot be reached a refused answer leaves the step on the screen", () => {
  const state = at(stepOf());
  state.choose("dx", "mel");
  state.choose("confidence", 1);
  const answer = lock(state);
  assert.equal(state.lose(), false);
  state.refuse([{ item: answer, reason: "too late" }]);
  assert.equal(stepId(state.step), "case-1|unaided");
  assert.equal(state.locked.size, 0);
});

test("a refused event changes nothing on the screen", () => {
  const state = at(stepOf());
  state.refuse([{ item: { kind: ITEM.EVENT, step_key: "case-1" }, reason: "too many" }]);
  assert.deepEqual([state.message, state.expects], [null, STATE.READY]);
});

test("a refused answer to another step leaves the open one alone", () => {
  const state = at(stepOf());
  state.refuse([{ item: sentAnswer({ step_key: "case-0" }), reason: "already answered" }]);
  assert.equal(state.step.key, "case-1");
});

const FEEDBACK = stepOf({ phase: PHASE.AIDED, practice: true, feedback: { correct: true, truth: "mel", answer: { dx: "mel", confidence: 1 } } });

test("feedback shows one's last answer and is left once", () => {
  const state = at(FEEDBACK);
  assert.deepEqual([state.expects, state.dx], [STATE.FEEDBACK, "mel"]);
  assert.equal(state.leaveFeedback(), true);
  assert.equal(state.expects, STATE.WAITING);
  assert.equal(state.leaveFeedback(), false);
  assert.equal(state.take(FEEDBACK, []), false);
  assert.equal(state.expects, STATE.WAITING);
});

test("feedback on an answer that another tab gave comes in place of the question", () => {
  const open = stepOf({ phase: PHASE.AIDED, practice: true, previous: { dx: "nv", confidence: 2 } });
  const state = at(open);
  assert.equal(state.expects, STATE.READY);
  assert.equal(state.take(FEEDBACK, []), false);
  assert.deepEqual([state.expects, state.dx], [STATE.FEEDBACK, "mel"]);
});

test("feedback comes after one's own locked answer, but not while its image is being loaded", () => {
  const open = stepOf({ phase: PHASE.AIDED, practice: true, previous: { dx: "mel", confidence: 1 } });
  const locked = at(open);
  lock(locked);
  locked.take(FEEDBACK, []);
  assert.equal(locked.expects, STATE.FEEDBACK);
  const loading = new ReadingState();
  loading.receive(dataOf());
  loading.begin([]);
  loading.take(open, []);
  loading.load();
  loading.take(FEEDBACK, []);
  assert.equal(loading.expects, STATE.LOADING);
  loading.paint(1, MOMENT);
  loading.open([]);
  assert.equal(loading.expects, STATE.FEEDBACK);
});

test("a pause is said once, covers the panel at once, and stays until the server knows that it is over", () => {
  const state = at(stepOf());
  assert.equal(state.pause(1000), EVENT.PAUSE);
  assert.equal(state.pause(1000), null);
  assert.equal(state.shown, STATE.PAUSED);
  assert.equal(state.choose("dx", "mel"), false);
  state.receive(dataOf({ paused: false }));
  assert.equal(state.paused, true);
  state.receive(dataOf({ paused: true }));
  assert.equal(state.pausedHere, null);
  assert.equal(state.resume(1000), EVENT.RESUME);
  assert.equal(state.resume(1000), null);
  assert.equal(state.paused, false);
  state.receive(dataOf({ paused: true }));
  assert.equal(state.paused, false);
  state.receive(dataOf({ paused: false }));
  assert.equal(state.pausedHere, null);
});

test("feedback is not left behind the pause curtain", () => {
  const state = at(FEEDBACK);
  state.pause(1000);
  assert.equal(state.leaveFeedback(), false);
});

test("a step that comes during a pause is shown only on resuming", () => {
  const state = new ReadingState();
  state.receive(dataOf({ paused: true }));
  state.begin([]);
  state.take(stepOf(), []);
  state.load();
  assert.equal(state.deferred, true);
  state.resume(1000);
  state.load();
  assert.equal(state.deferred, false);
});

test("after the last case nothing is expected and nothing can be paused", () => {
  const state = at(stepOf());
  state.receive(dataOf({ finished: true }));
  assert.equal(state.take(null, []), false);
  assert.deepEqual([state.expects, state.shown, state.finished, state.aided], [STATE.EMPTY, STATE.FINISHED, true, false]);
  assert.equal(state.pause(1000), null);
});

test("a page that is opened while the study cannot be reached shows nothing, and then the step as if newly opened", () => {
  const state = new ReadingState();
  assert.equal(state.lose(), true);
  assert.equal(state.lose(), false);
  state.begin([]);
  assert.deepEqual([state.paused, state.finished, state.unreachable, state.step], [false, false, true, null]);
  state.receive(dataOf());
  assert.equal(state.unreachable, false);
  shown(state, stepOf());
  assert.equal(state.expects, STATE.READY);
});

test("another reader in the same panel begins without what the one before was doing", () => {
  const state = at(stepOf());
  state.choose("dx", "mel");
  state.choose("confidence", 1);
  lock(state);
  state.receive(dataOf({ reader: "reader-b" }));
  state.begin([]);
  shown(state, stepOf());
  assert.deepEqual([state.expects, state.dx], [STATE.READY, null]);
});

test("the clock counts from the painting, whole seconds, and only while an answer may come", () => {
  const state = at(stepOf({ time_limit_s: 30 }), { now: 1000 });
  assert.equal(state.secondsLeft(1000), 30);
  assert.equal(state.secondsLeft(1001), 30);
  assert.equal(state.secondsLeft(2000), 29);
  assert.equal(state.secondsLeft(31_000), 0);
  state.pause(2000);
  assert.equal(state.secondsLeft(2500), null);
  state.resume(2000);
  state.choose("dx", "mel");
  state.choose("confidence", 1);
  lock(state);
  assert.equal(state.secondsLeft(2000), null);
  assert.equal(at(stepOf()).secondsLeft(1e6), null);
});

test("no time runs before the image is painted", () => {
  const state = at(stepOf({ time_limit_s: 30 }));
  state.take(stepOf({ key: "case-2", time_limit_s: 30 }), []);
  state.load();
  assert.equal(state.secondsLeft(1e6), null);
});

test("looking at the clock does nothing; that the time is up is said once for each step", () => {
  const state = at(stepOf({ time_limit_s: 30 }), { now: 0 });
  assert.equal(state.timeIsUp(29_000), false);
  for (let i = 0; i < 3; i += 1) assert.equal(state.secondsLeft(31_000), -1);
  assert.equal(state.timeIsUp(31_000), true);
  assert.equal(state.timeIsUp(32_000), false);
  shown(state, stepOf({ key: "case-2", time_limit_s: 30 }), { now: 40_000 });
  assert.equal(state.timeIsUp(71_000), true);
});

test("an event names the open step, and none between steps", () => {
  const state = at(stepOf());
  const said = { kind: ITEM.EVENT, id: "id-2", event: EVENT.FOCUS_LOST, at: MOMENT };
  assert.deepEqual(state.event(EVENT.FOCUS_LOST, { id: "id-2", moment: MOMENT }), { ...said, step_key: "case-1" });
  state.take(null, []);
  assert.deepEqual(state.event(EVENT.FOCUS_LOST, { id: "id-2", moment: MOMENT }), { ...said, step_key: "" });
});

test("an image that cannot be shown keeps the step from being answered", () => {
  const state = at(stepOf());
  state.fail("IMAGE_FAILED");
  assert.equal(state.choose("dx", "mel"), false);
  assert.equal(state.message.text, "IMAGE_FAILED");
});

test("only colours are taken as colours", () => {
  const state = at(stepOf());
  assert.deepEqual(state.classes.map((c) => c.color), ["#D55E00", "#767676"]);
});

test("time behind a pause and in a hidden tab is no reading time", () => {
  const state = at(stepOf());
  state.pause(2000);
  state.hide(true, 5000);
  state.resume(6000);
  state.hide(false, 9000);
  state.choose("dx", "mel");
  state.choose("confidence", 1);
  const { client_ms: seen, hidden_ms: unseen } = lock(state, 10_000);
  assert.deepEqual([seen, unseen], [2000, 7000]);
});

test("what stands before a part covers its first case until the reader begins it, once", () => {
  const interlude = { key: "case-1", title: "Before you start", paragraphs: [], button: "Start" };
  const state = new ReadingState();
  state.receive(dataOf({ step: stepOf(), interlude }));
  state.begin([]);
  state.take(stepOf(), []);
  state.load();
  assert.deepEqual([state.shown, state.deferred], [STATE.INTERLUDE, true]);
  assert.equal(state.choose("dx", "mel"), false);
  assert.equal(state.beginStep(500), EVENT.BEGIN);
  assert.equal(state.beginStep(600), null);
  state.receive(dataOf({ step: stepOf(), interlude }));
  assert.equal(state.interlude, null);
  state.load();
  assert.equal(state.deferred, false);
});

test("a case is covered again by a pause that another tab began, and its time stands still", () => {
  const state = at(stepOf());
  state.receive(dataOf({ step: stepOf(), paused: true }));
  state.cover(3000);
  state.receive(dataOf({ step: stepOf(), paused: false }));
  state.cover(9000);
  assert.equal(state.clock.seenAt(9500), 2500);
});

const ASKED = { diagnosis: true, malignancy_rating: true, managements: [{ code: "dismiss", name: "Dismiss" }, { code: "biopsy", name: "Biopsy" }] };

test("where a rating and a management are asked for no answer is complete without them, and what lacks is said", () => {
  const state = at(stepOf(), { data: { asked: ASKED } });
  const lacking = [];
  for (const [what, value] of [["dx", "mel"], ["confidence", 2], ["malignancy_rating", 0], ["management", "biopsy"]]) {
    assert.equal(lock(state), null);
    lacking.push(state.message.text);
    state.choose(what, value);
  }
  assert.deepEqual(lacking, ["CHOOSE_DIAGNOSIS", "SAY_HOW_SURE", "RATE_FIRST", "CHOOSE_MANAGEMENT"]);
  const { malignancy_rating: rating, management } = lock(state);
  assert.deepEqual([rating, management], [0, "biopsy"]);
});

test("where the rating alone is asked for nothing else is, and the answer holds nothing else", () => {
  const state = at(stepOf(), { data: { asked: { ...ASKED, diagnosis: false, managements: [] }, confidence_levels: [] } });
  assert.equal(lock(state), null);
  assert.equal(state.message.text, "RATE_FIRST");
  state.choose("malignancy_rating", 40);
  const { dx, confidence, malignancy_rating: rating, management } = lock(state);
  assert.deepEqual([dx, confidence, rating, management], [null, null, 40, null]);
});

test("with assistance the answer before it stands, and another rating alone changes it", () => {
  const previous = { dx: "nv", confidence: 2, malignancy_rating: 20, management: "dismiss" };
  const state = at(stepOf({ phase: PHASE.AIDED, previous }), { data: { asked: ASKED } });
  assert.deepEqual([state.malignancy_rating, state.management, state.changed, state.complete], [20, "dismiss", false, true]);
  state.choose("malignancy_rating", 21);
  assert.equal(state.changed, true);
});

test("each ten cases are a milestone at the first step of the next one, and never in practice or a test", () => {
  const reached = (changes) => milestoneOf(stepOf({ position: 11, total: 28, screening: false, ...changes }));
  assert.deepEqual(reached({}), { done: 10, left: 18 });
  assert.deepEqual(reached({ position: 21 }), { done: 20, left: 8 });
  for (const other of [{ position: 10 }, { position: 1 }, { practice: true }, { screening: true }, { previous: { dx: "nv" } }]) assert.equal(reached(other), null);
});

const THREE = { diagnosis: true, malignancy_rating: true, managements: [{ code: "dismiss", name: "Dismiss" }] };

test("of several questions the first is asked, then the next without an answer, and any may be turned to", () => {
  const state = at(stepOf(), { data: { asked: THREE } });
  assert.deepEqual(state.inTurn, ["dx", "malignancy_rating", "management"]);
  assert.equal(state.asking, "dx");
  state.choose("dx", "mel");
  assert.equal(state.asking, "malignancy_rating");
  state.choose("malignancy_rating", 40);
  assert.equal(state.asking, "malignancy_rating", "the slider stays under the hand that moves it");
  state.askNext();
  assert.equal(state.asking, "management");
  state.ask("dx");
  state.choose("dx", "nv");
  assert.equal(state.asking, "dx", "who changes an answer stays with it");
});

test("an answer that lacks something turns to the question that lacks it", () => {
  const state = at(stepOf(), { data: { asked: THREE } });
  state.choose("dx", "mel");
  state.choose("confidence", 1);
  state.choose("malignancy_rating", 40);
  assert.equal(lock(state), null);
  assert.equal(state.asking, "management");
});
