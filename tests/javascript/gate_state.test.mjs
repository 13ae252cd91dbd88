import assert from "node:assert/strict";
import test from "node:test";

import { GateState } from "../../src/dermdash/ui/frontend/gate_state.mjs";
import { GATE } from "../../src/dermdash/ui/frontend/names.mjs";

const data = (values = {}) => ({
  image: "data:", image_id: "a", next_image: "", label: "", proposal: null, hidden: true, score: 0, held: "", said: "", ticked: [], last: "",
  scores: [1, 2, 3, 4, 5].map((score) => ({ score, name: "", definition: "", picture: "" })),
  groups: [{ title: "Optics", items: [{ key: "polarised", hotkey: "q", text: "" }, { key: "contact", hotkey: "w", text: "" }] }],
  place: 2, total: 3, done: 0, images: 3, may: true, longest_note: 500, seen: 0, ...values,
});
function opened(values) {
  const state = new GateState(() => 1000);
  state.receive(data(values));
  return state;
}

test("a score is sent with what is ticked, and nothing more until the page has heard of it", () => {
  const state = opened();
  state.tick(state.itemOf("w"));
  state.tick("polarised");
  state.tick("polarised");
  const said = state.answer(GATE.SCORE, 4, "a note");
  assert.deepEqual(said.ticked, [{ item: "contact", answer: "yes" }, { item: "polarised", answer: "no" }]);
  assert.deepEqual([said.act, said.image_id, said.score, said.note, said.number], ["score", "a", 4, "a note", 1000]);
  assert.equal(state.answer(GATE.SCORE, 5), null);
  assert.equal(state.tick("polarised"), false);
  state.receive(data({ image_id: "b", seen: 999 }));
  assert.equal(state.isOpen, false);
  state.receive(data({ image_id: "b", seen: 1000 }));
  assert.equal(state.answer(GATE.SCORE, 5).number, 1001);
});

test("a tick goes round yes, no, not applicable and nothing; another image begins with what was said of it", () => {
  const state = opened();
  const seen = [1, 2, 3, 4].map(() => state.tick("contact") && (state.ticked.get("contact") || ""));
  assert.deepEqual(seen, ["yes", "no", "na", ""]);
  state.tick("contact");
  assert.equal(state.receive(data()), false);
  assert.equal(state.ticked.get("contact"), "yes");
  assert.ok(state.receive(data({ image_id: "b", ticked: [{ item: "polarised", answer: "na" }] })));
  assert.deepEqual([...state.ticked], [["polarised", "na"]]);
  assert.equal(state.itemOf("k"), null);
});

test("there is no step beyond the ends, no score that does not exist, and nothing to take back where nobody has scored", () => {
  const state = opened({ place: 3 });
  assert.equal(state.answer(GATE.NEXT), null);
  assert.equal(state.answer(GATE.SCORE, 6), null);
  assert.equal(state.answer(GATE.TAKE_BACK), null);
  assert.equal(opened({ place: 1 }).answer(GATE.PREVIOUS), null);
  assert.ok(opened({ score: 2 }).answer(GATE.TAKE_BACK));
  assert.ok(state.answer(GATE.UNDO));
});

test("who may only look can step and neither score nor tick", () => {
  const state = opened({ may: false });
  assert.equal(state.answer(GATE.SCORE, 3), null);
  assert.equal(state.tick("contact"), false);
  assert.ok(state.answer(GATE.NEXT));
});
