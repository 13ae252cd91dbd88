import assert from "node:assert/strict";
import test from "node:test";

import { JudgingState } from "../../src/dermdash/ui/frontend/judging_state.mjs";
import { JUDGE, MARK } from "../../src/dermdash/ui/frontend/names.mjs";

const data = (values = {}) => ({
  image: "data:", image_id: "a", width: 300, height: 200, label: "", proposals: [{ x: 10, y: 20, width: 30, height: 5 }], said: "",
  cleared: false, records: 1, place: 2, total: 3, done: 0, may: true, longest_note: 500, seen: 0, ...values,
});
function opened(values) {
  const state = new JudgingState(() => 1000);
  state.receive(data(values));
  return state;
}

test("proposals and drawn rectangles are covered together, each with every pixel that it touches", () => {
  const state = opened();
  state.draw(MARK.RECTANGLE, [[100.6, 50.2], [90.1, 40.9]]);
  assert.equal(state.judgement(JUDGE.COVER), null);
  assert.ok(state.ask(true));
  const said = state.judgement(JUDGE.COVER, "a tattoo");
  assert.deepEqual(said.regions, [{ x: 10, y: 20, width: 30, height: 5 }, { x: 90, y: 40, width: 11, height: 11 }]);
  assert.deepEqual([said.act, said.image_id, said.note, said.number], ["cover", "a", "a tattoo", 1000]);
});

test("a proposal that is deleted is not covered, and comes back by an undo", () => {
  const state = opened();
  state.history.select(0);
  state.edit("remove");
  assert.ok(!state.ask(true));
  state.edit("undo");
  assert.ok(state.ask(true));
});

test("what changes after the question is asked anew", () => {
  const state = opened();
  state.ask(true);
  state.draw(MARK.RECTANGLE, [[1, 1], [9, 9]]);
  assert.equal(state.judgement(JUDGE.COVER), null);
});

test("nothing is sent twice before the answer, and an answer to something older leaves it so", () => {
  const state = opened();
  const { number } = state.judgement(JUDGE.CLEAR);
  assert.equal(state.judgement(JUDGE.CLEAR), null);
  state.receive(data());
  assert.ok(state.waits);
  state.receive(data({ seen: number }));
  assert.ok(!state.waits);
  assert.equal(state.judgement(JUDGE.NEXT).number, number + 1);
});

test("what was drawn stays while the image does, and goes with it", () => {
  const state = opened();
  state.draw(MARK.RECTANGLE, [[1, 1], [9, 9]]);
  assert.ok(!state.receive(data({ said: "Shows nobody, says C. Urator" })));
  assert.equal(state.history.marks.length, 2);
  assert.ok(state.receive(data({ image_id: "b", proposals: [] })));
  assert.equal(state.history.marks.length, 0);
});

test("whoever may only look steps from image to image and changes nothing", () => {
  const state = opened({ may: false });
  assert.ok(!state.draw(MARK.RECTANGLE, [[1, 1], [9, 9]]));
  assert.equal(state.judgement(JUDGE.CLEAR), null);
  assert.equal(state.judgement(JUDGE.NEXT).act, "next");
});

test("the first has none before it, the last none after it, and what nobody said is not taken back", () => {
  assert.equal(opened({ place: 1 }).judgement(JUDGE.PREVIOUS), null);
  assert.equal(opened({ place: 3 }).judgement(JUDGE.NEXT), null);
  assert.equal(opened().judgement(JUDGE.OPEN), null);
  assert.equal(opened({ cleared: true, said: "x" }).judgement(JUDGE.CLEAR), null);
});
