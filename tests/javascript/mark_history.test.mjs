import assert from "node:assert/strict";
import test from "node:test";

import { MarkHistory } from "../../src/dermdash/ui/frontend/mark_history.mjs";
import { MARK } from "../../src/dermdash/ui/frontend/names.mjs";
import { MOST } from "../../src/dermdash/ui/frontend/nomenclature.mjs";

const SIZE = { width: 600, height: 450 };
const mark = (structure = "streaks") => ({ structure, shape: MARK.RECTANGLE, points: [[10, 10], [50, 50]] });
const names = (history) => history.marks.map((m) => m.structure);

test("what is drawn, named, moved and deleted can be undone step by step and done again", () => {
  const history = new MarkHistory();
  history.add(mark(null));
  history.name("globules");
  history.move(5, 5, SIZE);
  history.remove();
  assert.deepEqual(names(history), []);
  const seen = [];
  while (history.undo()) seen.push(history.marks.map((m) => [m.structure, m.points[0][0]]));
  assert.deepEqual(seen, [[["globules", 15]], [["globules", 10]], [[null, 10]], []]);
  while (history.redo());
  assert.deepEqual([history.marks.length, history.after.length], [0, 0]);
});

test("a new mark after an undo ends what could be done again", () => {
  const history = new MarkHistory();
  history.add(mark("streaks"));
  history.undo();
  history.add(mark("scale"));
  assert.equal(history.redo(), false);
  assert.deepEqual(names(history), ["scale"]);
});

test("what changes nothing leaves no step", () => {
  const history = new MarkHistory([mark("streaks")]);
  assert.deepEqual([history.name("scale"), history.move(1, 1, SIZE), history.remove(), history.undo(), history.redo()], [false, false, false, false, false]);
  history.select(0);
  assert.equal(history.name("streaks"), false);
  assert.equal(history.before.length, 0);
});

test("no more marks than the server takes", () => {
  const history = new MarkHistory();
  for (let i = 0; i < MOST.MARKS; i += 1) assert.equal(history.add(mark()), true);
  assert.equal(history.add(mark()), false);
  assert.equal(history.marks.length, MOST.MARKS);
});

test("selection goes round in both directions, and a mark that is not there is none", () => {
  const history = new MarkHistory([mark(), mark(), mark()]);
  history.step(1);
  assert.equal(history.selected, 0);
  history.step(-1);
  assert.equal(history.selected, 2);
  history.step(1);
  assert.equal(history.selected, 0);
  history.select(7);
  assert.deepEqual([history.selected, history.current], [-1, null]);
  history.step(-1);
  assert.equal(history.selected, 2);
});

test("it knows which structures are marked and which mark has none yet", () => {
  const history = new MarkHistory([mark("scale"), mark(null)]);
  assert.deepEqual([history.has("scale"), history.has("streaks"), history.unnamed], [true, false, 1]);
});
