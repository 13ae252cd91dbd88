import assert from "node:assert/strict";
import test from "node:test";

import { FacetSelection, shownOptions } from "../../src/dermdash/ui/frontend/facet_selection.mjs";

test("options are taken and left again, facet by facet", () => {
  const selection = new FacetSelection();
  selection.choose("dx", "mel", true);
  selection.choose("dx", "nv", true);
  selection.choose("sex", "female", true);
  assert.deepEqual(selection.selected, { dx: ["mel", "nv"], sex: ["female"] });
  selection.choose("dx", "mel", false);
  assert.deepEqual(selection.selected, { dx: ["nv"], sex: ["female"] });
  assert.deepEqual([selection.isChosen("dx", "nv"), selection.isChosen("dx", "mel"), selection.isChosen("age", "nv")], [true, false, false]);
});

test("an option chosen twice stands once", () => {
  const selection = new FacetSelection();
  selection.choose("dx", "mel", true);
  selection.choose("dx", "mel", true);
  assert.deepEqual(selection.selected.dx, ["mel"]);
});

test("every click has a larger number, within one millisecond and with a clock that is set back", () => {
  let clock = 1000;
  const selection = new FacetSelection(() => clock);
  const numbers = [];
  for (const now of [1000, 1000, 500, 2000, 2000]) {
    clock = now;
    selection.choose("dx", "mel", true);
    numbers.push(selection.number);
  }
  assert.deepEqual(numbers, [1000, 1001, 1002, 2000, 2001]);
});

test("a slow answer to an older click takes back no newer one", () => {
  const selection = new FacetSelection(() => 1000);
  selection.choose("dx", "mel", true);
  const first = selection.number;
  selection.choose("dx", "nv", true);
  selection.heard(first, { dx: ["mel"] });
  assert.deepEqual(selection.selected.dx, ["mel", "nv"]);
  selection.heard(selection.number, { dx: ["mel", "nv"] });
  assert.deepEqual(selection.selected.dx, ["mel", "nv"]);
});

test("once the last click was seen what the server says is right, as after Back", () => {
  const selection = new FacetSelection(() => 1000);
  selection.choose("dx", "mel", true);
  selection.heard(selection.number, {});
  assert.deepEqual(selection.selected, {});
});

test("what the server said is not changed by a click", () => {
  const said = { dx: ["mel"] };
  const selection = new FacetSelection();
  selection.heard(0, said);
  selection.choose("dx", "nv", true);
  assert.deepEqual(said, { dx: ["mel"] });
});

test("a long list shows its first options and those that are chosen further down", () => {
  const options = ["a", "b", "c", "d"];
  assert.deepEqual(shownOptions(options, (o) => o === "d", 2), ["a", "b", "d"]);
  assert.deepEqual(shownOptions(options, () => false, 9), options);
});
