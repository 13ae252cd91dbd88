import assert from "node:assert/strict";
import test from "node:test";

import { AnnotationState } from "../../src/dermdash/ui/frontend/annotation_state.mjs";
import { BOUND, ENTRY, MARK, STATE } from "../../src/dermdash/ui/frontend/names.mjs";
import { BLOCKS, MOST, STRUCTURES_FIELD } from "../../src/dermdash/ui/frontend/nomenclature.mjs";

const NOW = { id: "i", now: 1500.04, moment: "2026-01-01T10:00:02.000Z" };
const POINTS = [[10, 10], [50, 50]];
const field = (name) => BLOCKS.flatMap((b) => b.fields).find((f) => f.name === name);
const task = (key, changes = {}) => ({
  key, image: "", width: 600, height: 450, position: 1, total: 3,
  classes: ["bcc", "mel", "nv"].map((code) => ({ code, name: code, color: "#123456" })),
  known: {}, sites: [], draft: null, initial: null, model: null, ...changes,
});
const data = (open, following = null) => ({ annotator: "a", task: open, following });
const none = () => null;

function opened(open = task("t1"), following = null, draftOf = none) {
  const state = new AnnotationState();
  state.receive(data(open, following));
  state.begin([]);
  state.take(draftOf);
  show(state);
  return state;
}

function show(state) {
  state.load();
  state.paint(1000, "2026-01-01T10:00:00.000Z");
  state.open();
}

test("nothing is taken before the image has been seen", () => {
  const state = new AnnotationState();
  state.receive(data(task("t1")));
  state.begin([]);
  state.take(none);
  state.load();
  assert.equal(state.set("dx", "mel"), false);
  assert.equal(state.press("streaks"), false);
  assert.equal(state.draw(MARK.RECTANGLE, POINTS), false);
  state.paint(1000, "");
  state.open();
  assert.equal(state.set("dx", "mel"), true);
});

test("an annotation is what was entered, and its time runs from the painted image", () => {
  const state = opened();
  state.set("dx", "mel");
  state.set("quality", 4);
  state.choose(field("sex"), "male");
  state.setValue("age_at_exam", 61);
  const item = state.submit(NOW);
  assert.deepEqual(item, {
    kind: ENTRY.ANNOTATION, id: "i", task: "t1", client_ms: 500, shown_at: "2026-01-01T10:00:00.000Z", submitted_at: NOW.moment,
    annotation: { dx: "mel", values: { sex: "male", age_at_exam: 61 }, marks: [], unsure: false, comment: "", quality: 4 },
  });
});

test("a page that was left open for weeks can still submit", () => {
  const state = opened();
  state.set("unsure", true);
  state.set("quality", 1);
  assert.equal(state.submit({ ...NOW, now: 1e12 }).client_ms, BOUND.LONGEST_MS);
});

test("what is missing is said, one thing after the other, and nothing leaves", () => {
  const state = opened();
  assert.equal(state.submit(NOW), null);
  assert.match(state.message, /diagnosis first \(keys 1 to 3\)/);
  state.set("unsure", true);
  state.submit(NOW);
  assert.match(state.message, /how good the image is/);
  state.set("quality", 3);
  state.setValue("age_at_exam", 61.5);
  state.submit(NOW);
  assert.match(state.message, /Age at examination: a whole number from 0 to 120 years/);
  state.setValue("age_at_exam", null);
  state.draw(MARK.RECTANGLE, POINTS);
  state.edit("select", -1);
  state.submit(NOW);
  assert.match(state.message, /Mark 1 has no structure yet/);
  assert.equal(state.history.selected, 0);
  state.press("scale");
  assert.notEqual(state.submit(NOW), null);
});

test("a number that cannot be is said to be none", () => {
  const state = opened();
  for (const [value, wrong] of [["6x", true], [-1, true], [121, true], [0, false], ["", false], [null, false]]) {
    state.setValue("age_at_exam", value);
    assert.equal(Boolean(state.faultOf(field("age_at_exam"))), wrong, `${value}`);
  }
  state.setValue("lesion_diameter_mm", 7.5);
  assert.equal(state.faultOf(field("lesion_diameter_mm")), "");
});

test("a choice is left again by the same press, and of a list several may be chosen in its own order", () => {
  const state = opened();
  state.choose(field("sex"), "male");
  state.choose(field("sex"), "male");
  state.choose(field("dominant_colors"), "red");
  state.choose(field("dominant_colors"), "black");
  state.choose(field("dominant_colors"), "white");
  state.choose(field("dominant_colors"), "white");
  state.choose(field("sunburn_history"), false);
  assert.deepEqual(state.content.values, { dominant_colors: ["black", "red"], sunburn_history: false });
});

test("a pressed structure is seen and that of the next marks; pressed again it is neither", () => {
  const state = opened();
  state.press("globules");
  assert.deepEqual([state.structures, state.structure], [["globules"], "globules"]);
  state.press("globules");
  assert.deepEqual([state.structures, state.structure], [[], null]);
});

test("a structure with marks stays seen, and pressing it makes it the next mark's", () => {
  const state = opened();
  state.press("globules");
  state.draw(MARK.RECTANGLE, POINTS);
  state.press("scale");
  state.press("globules");
  assert.deepEqual([state.structures, state.structure], [["globules", "scale"], "globules"]);
});

test("a mark without a structure gets the one that is pressed next, and only that mark", () => {
  const state = opened();
  state.draw(MARK.RECTANGLE, POINTS);
  assert.match(state.message, /Choose the structure/);
  state.press("streaks");
  state.press("scale");
  assert.deepEqual(state.history.marks.map((m) => m.structure), ["streaks"]);
  assert.deepEqual(state.content.values[STRUCTURES_FIELD], ["streaks", "scale"]);
});

test("a selected mark gets another structure", () => {
  const state = opened();
  state.press("streaks");
  state.draw(MARK.RECTANGLE, POINTS);
  state.edit("select", 0);
  state.press("scale");
  assert.deepEqual(state.history.marks.map((m) => m.structure), ["scale"]);
});

test("one mark too many is said to be", () => {
  const state = opened();
  state.press("streaks");
  for (let i = 0; i <= MOST.MARKS; i += 1) state.draw(MARK.RECTANGLE, POINTS);
  assert.match(state.message, /more are not possible/);
});

test("the following task opens the moment one is submitted, and is not asked again when the server says so, too", () => {
  const state = opened(task("t1"), task("t2"));
  state.set("dx", "mel");
  state.set("quality", 4);
  state.submit(NOW);
  assert.equal(state.take(none), true);
  assert.deepEqual([state.task.key, state.dx, state.quality], ["t2", null, null]);
  show(state);
  state.set("dx", "nv");
  state.receive(data(task("t2"), task("t3")));
  assert.equal(state.take(none), false);
  assert.deepEqual([state.task.key, state.dx, state.expects], ["t2", "nv", STATE.READY]);
});

test("what the server still shows as open is waited for when it is submitted here", () => {
  const state = opened(task("t1"));
  state.set("unsure", true);
  state.set("quality", 2);
  state.submit(NOW);
  assert.equal(state.take(none), false);
  assert.deepEqual([state.task, state.expects], [null, STATE.WAITING]);
  state.receive(data(null));
  state.take(none);
  assert.equal(state.expects, STATE.FINISHED);
});

test("after a reload a submission on its way keeps its task closed", () => {
  const state = new AnnotationState();
  state.receive(data(task("t1"), task("t2")));
  state.begin([{ kind: ENTRY.ANNOTATION, task: "t1" }]);
  state.take(none);
  assert.equal(state.task.key, "t2");
});

test("a refused annotation opens its task again with all that was entered, and says why", () => {
  const state = opened(task("t1"), task("t2"));
  state.set("dx", "mel");
  state.set("quality", 4);
  state.set("comment", "edge unclear");
  state.press("streaks");
  state.draw(MARK.RECTANGLE, POINTS);
  const item = state.submit(NOW);
  state.take(none);
  show(state);
  state.refuse([{ item, reason: "the record was reopened" }]);
  assert.equal(state.take(none), true);
  show(state);
  assert.deepEqual([state.task.key, state.dx, state.comment, state.history.marks.length], ["t1", "mel", "edge unclear", 1]);
  assert.equal(state.message, "Not accepted: the record was reopened");
  assert.notEqual(state.submit({ ...NOW, id: "j" }), null);
});

test("what is refused and not offered again is kept for its author, over a reload too, until they dismiss it", () => {
  const state = opened(task("t1"), task("t2"));
  state.set("dx", "mel");
  state.set("quality", 4);
  const item = state.submit(NOW);
  state.take(none);
  state.receive(data(task("t2")));
  state.refuse([{ item, reason: "the record was closed" }]);
  assert.equal(state.take(none), false);
  assert.equal(state.task.key, "t2");
  assert.deepEqual(state.stranded, [{ task: "t1", annotation: item.annotation, reason: "the record was closed" }]);
  const reopened = new AnnotationState();
  reopened.receive(data(task("t2")));
  reopened.begin([], JSON.parse(JSON.stringify([...state.returned])));
  assert.equal(reopened.stranded.length, 1);
  reopened.dismiss("t1");
  assert.deepEqual(reopened.stranded, []);
});

test("what is entered again is marked to be kept as a draft, once", () => {
  const state = opened(task("t1"), task("t2"));
  state.set("unsure", true);
  state.set("quality", 4);
  const item = state.submit(NOW);
  state.take(none);
  state.refuse([{ item, reason: "why" }]);
  state.take(none);
  assert.deepEqual([state.reentered, state.returned.size], [true, 0]);
  state.take(none);
  assert.equal(state.reentered, false);
});

test("a refused draft of a task that is offered no more is kept for its author", () => {
  const state = opened();
  state.set("comment", "abc");
  const item = state.draft(NOW);
  state.receive(data(task("t9")));
  state.refuse([{ item, reason: "it is somebody else's now" }]);
  state.take(none);
  assert.equal(state.stranded[0].annotation.comment, "abc");
});

test("a refused draft says so and takes nothing away", () => {
  const state = opened();
  state.set("comment", "abc");
  state.refuse([{ item: state.draft(NOW), reason: "this record is somebody else's now" }]);
  assert.deepEqual([state.message, state.comment], ["Not kept: this record is somebody else's now", "abc"]);
});

test("a draft is all that was entered so far, right or not", () => {
  const state = opened();
  state.setValue("age_at_exam", "6x");
  state.draw(MARK.RECTANGLE, POINTS);
  const { annotation, kind, saved_at } = state.draft(NOW);
  assert.deepEqual([kind, saved_at, annotation.values.age_at_exam, annotation.marks[0].structure], [ENTRY.DRAFT, NOW.moment, "6x", null]);
});

test("the later of two drafts is taken: one that is still here, or one that another browser has saved", () => {
  const draft = (comment, saved_at) => ({ annotation: { comment }, saved_at });
  const here = draft("here", "2026-01-01T10:00:05Z");
  const there = draft("there", "2026-01-01T10:00:04Z");
  const newer = draft("newer", "2026-01-01T10:00:06Z");
  assert.equal(opened(task("t1", { draft: there }), null, () => here).comment, "here");
  assert.equal(opened(task("t1", { draft: newer }), null, () => here).comment, "newer");
  assert.equal(opened(task("t1"), null, () => here).comment, "here");
  assert.equal(opened(task("t1", { draft: there })).comment, "there");
});

test("what is known of patient and lesion is entered from the start, and a draft has the last word", () => {
  assert.equal(opened(task("t1", { known: { sex: "female" } })).values.sex, "female");
  const changed = { annotation: { values: { sex: "male" } }, saved_at: "2026-01-01T10:00:04Z" };
  assert.equal(opened(task("t1", { known: { sex: "female" }, draft: changed })).values.sex, "male");
});

test("a draft that is no annotation opens an empty form", () => {
  for (const annotation of [{}, { dx: "gone", values: 7, marks: "x", comment: 7, quality: "4", unsure: "yes" }, { marks: [null, { points: 3 }] }]) {
    const state = opened(task("t1", { draft: { annotation, saved_at: "2026-01-01T10:00:04Z" } }));
    assert.deepEqual([state.dx, state.quality, state.comment, state.unsure, state.history.marks], [null, null, "", false, []]);
  }
});

test("while the server is away all stays as it is", () => {
  const state = opened();
  state.set("dx", "mel");
  assert.equal(state.lose(), false);
  assert.deepEqual([state.unreachable, state.dx], [true, "mel"]);
  assert.equal(new AnnotationState().lose(), true);
});
