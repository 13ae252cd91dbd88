import assert from "node:assert/strict";
import test from "node:test";

import { ChosenTiles } from "../../src/dermdash/ui/frontend/chosen_tiles.mjs";

function storage() {
  const kept = new Map();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
}

test("what is chosen stays over a reload, under its name alone", () => {
  const kept = storage();
  const before = new ChosenTiles(kept);
  before.under("records");
  before.toggle("a");
  before.toggle("b");
  before.toggle("a");
  const after = new ChosenTiles(kept);
  after.under("records");
  assert.deepEqual([...after.ids], ["b"]);
  after.under("others");
  assert.equal(after.has("b"), false);
});

test("a browser that keeps nothing, or nonsense, begins with none chosen", () => {
  const chosen = new ChosenTiles({ getItem: () => "{nonsense", setItem: () => assert.fail("full") });
  chosen.under("records");
  assert.equal(chosen.ids.size, 0);
  chosen.ids.add("a");
  assert.equal(chosen.allows({ least: 2, most: 2 }), false);
  assert.equal(chosen.allows({ least: 1, most: 2 }), true);
});

test("choosing none empties what is kept", () => {
  const kept = storage();
  const chosen = new ChosenTiles(kept);
  chosen.under("records");
  chosen.toggle("a");
  chosen.clear();
  assert.equal(kept.getItem("records"), "[]");
});
