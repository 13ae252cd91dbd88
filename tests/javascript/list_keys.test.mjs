import assert from "node:assert/strict";
import test from "node:test";

import { focusInstead, movedTo } from "../../src/dermdash/ui/frontend/list_keys.mjs";

const GRID = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 4, ArrowUp: -4 };

test("arrows move by their step, Home and End to the ends", () => {
  assert.deepEqual(["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "Home", "End"].map((key) => movedTo(key, 5, 12, GRID)), [6, 4, 9, 1, 0, 11]);
});

test("a step may lead out of the list, which the list then does not follow", () => {
  assert.equal(movedTo("ArrowUp", 2, 12, GRID), -2);
  assert.equal(movedTo("ArrowDown", 10, 12, GRID), 14);
});

test("other keys do not move", () => {
  for (const key of ["Enter", " ", "a", "toString"]) assert.equal(movedTo(key, 0, 3, GRID), null);
  assert.equal(movedTo("ArrowLeft", 1, 3, { ArrowDown: 1 }), null);
});

test("the stop of the Tab key goes along", () => {
  const seen = [];
  const [from, to] = ["from", "to"].map((name) => ({ tabIndex: null, focus: () => seen.push(name) }));
  focusInstead(from, to);
  assert.deepEqual([from.tabIndex, to.tabIndex, seen], [-1, 0, ["to"]]);
});
