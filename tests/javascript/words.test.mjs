import assert from "node:assert/strict";
import test from "node:test";

import { Words } from "../../src/dermdash/ui/frontend/words.mjs";

const READERS = { one: "{n} участник", few: "{n} участника", many: "{n} участников" };

test("Russian nouns follow their number", () => {
  const words = new Words("ru", { CROWD_TITLE: READERS });
  const said = [1, 2, 5, 11, 12, 21, 22, 25, 111].map((n) => words.count(words.text.CROWD_TITLE, n));
  assert.deepEqual(said, [
    "1 участник", "2 участника", "5 участников", "11 участников", "12 участников", "21 участник", "22 участника",
    "25 участников", "111 участников",
  ]);
});

test("a number that has no form of its own takes the last one", () => {
  const words = new Words("es", {});
  assert.equal(words.count({ one: "{n} lector", other: "{n} lectores" }, 1_000_000), "1000000 lectores");
});

test("places are filled in, also with text that looks like one", () => {
  const words = new Words("en", {});
  assert.equal(words.say("Change to {name} ({n})", { name: "{n}", n: 2 }), "Change to {n} (2)");
});

test("decimals are written as the language writes them", () => {
  assert.equal(new Words("de", {}).number(0.944, 2), "0,94");
  assert.equal(new Words("en", {}).number(0.9, 2), "0.90");
});

test("a text that no catalogue has is an error, not a gap on the screen", () => {
  const words = new Words("en", { PAUSE: "Pause" });
  assert.equal(words.text.PAUSE, "Pause");
  assert.throws(() => words.text.PAUZE, /no entry/);
});
