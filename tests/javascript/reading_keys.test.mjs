import assert from "node:assert/strict";
import test from "node:test";

import { LEVEL_KEYS, arrowTo } from "../../src/dermdash/ui/frontend/choice_keys.mjs";
import { BOUND } from "../../src/dermdash/ui/frontend/names.mjs";
import { shortcutOf } from "../../src/dermdash/ui/frontend/reading_keys.mjs";

const classes = ["akiec", "bcc", "mel"].map((code) => ({ code }));
const asked = (event, changes = {}) => shortcutOf(event, { classes, levels: 3, paused: false, ...changes });

test("digits choose the diagnosis at their place, and no other", () => {
  assert.deepEqual(asked({ key: "1" }), ["chooseDiagnosis", "akiec"]);
  assert.deepEqual(asked({ key: "3" }), ["chooseDiagnosis", "mel"]);
  assert.equal(asked({ key: "4" }), null);
});

test("on a keyboard whose row of digits gives letters the place of the key counts, but not with Shift", () => {
  assert.deepEqual(asked({ key: "é", code: "Digit2" }), ["chooseDiagnosis", "bcc"]);
  assert.equal(asked({ key: "é", code: "Digit2", shiftKey: true }), null);
  assert.deepEqual(asked({ key: "2", code: "Digit2", shiftKey: true }), ["chooseDiagnosis", "bcc"]);
});

test("letters choose how sure, as many as the study has levels", () => {
  assert.deepEqual(LEVEL_KEYS.map((key) => asked({ key })), [
    ["chooseConfidence", 1], ["chooseConfidence", 2], ["chooseConfidence", 3], null, null,
  ]);
  assert.deepEqual(asked({ key: "A" }), ["chooseConfidence", 1]);
  assert.deepEqual(asked({ key: "g" }, { levels: 5 }), ["chooseConfidence", 5]);
});

test("there is a key for every level that a study may have", () => {
  assert.equal(LEVEL_KEYS.length, BOUND.MOST_LEVELS);
});

test("plus, minus and zero zoom", () => {
  assert.deepEqual(["+", "=", "-", "−", "0"].map((key) => asked({ key })[0]), ["zoomBy", "zoomBy", "zoomBy", "zoomBy", "fitImage"]);
  assert.ok(asked({ key: "+" })[1] > 1);
  assert.ok(Math.abs(asked({ key: "+" })[1] * asked({ key: "-" })[1] - 1) < 1e-12);
});

test("behind the pause curtain nothing is chosen and nothing zoomed, but help and going on work", () => {
  for (const key of ["1", "a", "+", "0"]) assert.equal(asked({ key }, { paused: true }), null);
  assert.deepEqual(asked({ key: "?" }, { paused: true }), ["openHelp"]);
  assert.deepEqual(asked({ key: "p" }, { paused: true }), ["resumeReading"]);
  assert.deepEqual(asked({ key: "P" }), ["pauseReading"]);
});

test("keys without a meaning have none", () => {
  for (const key of ["x", "F5", "Tab", "ä"]) assert.equal(asked({ key }), null);
});

test("arrows go round", () => {
  assert.deepEqual(["ArrowDown", "ArrowRight"].map((key) => arrowTo(key, 2, 3)), [0, 0]);
  assert.deepEqual(["ArrowUp", "ArrowLeft"].map((key) => arrowTo(key, 0, 3)), [2, 2]);
});

const TWELVE = Array.from({ length: 12 }, (_, i) => ({ code: `c${i + 1}` }));
const askedWith = (key, changes = {}) =>
  shortcutOf({ key, ...changes.event }, { classes: TWELVE, levels: 5, managements: [{ code: "dismiss" }, { code: "biopsy" }], rating: true, paused: false, ...changes });

test("diagnoses after the ninth have letters of their own", () => {
  assert.deepEqual(askedWith("9"), ["chooseDiagnosis", "c9"]);
  assert.deepEqual(["u", "I", "o"].map((key) => askedWith(key)[1]), ["c10", "c11", "c12"]);
  assert.equal(askedWith("j"), null);
});

test("managements have the row above the levels, the rating has M, and none of them where the study does not ask", () => {
  assert.deepEqual(askedWith("w"), ["chooseManagement", "biopsy"]);
  assert.equal(askedWith("e"), null);
  assert.deepEqual(askedWith("m"), ["focusRating"]);
  assert.equal(askedWith("m", { rating: false }), null);
  assert.equal(askedWith("q", { managements: [] }), null);
});

test("on a Cyrillic keyboard a letter is meant by its place, and a shifted letter is the same letter", () => {
  assert.deepEqual(askedWith("ц", { event: { key: "ц", code: "KeyW" } }), ["chooseManagement", "biopsy"]);
  assert.deepEqual(askedWith("ф", { event: { key: "ф", code: "KeyA" } }), ["chooseConfidence", 1]);
  assert.deepEqual(askedWith("W"), ["chooseManagement", "biopsy"]);
});

test("a key of a question that is not asked does nothing", () => {
  assert.equal(asked({ key: "1" }, { diagnosis: false }), null);
  assert.equal(asked({ key: "a" }, { levels: 0 }), null);
});

test("V opens pictures beside the case, and Escape never pauses", () => {
  assert.deepEqual(asked({ key: "v" }), ["openBeside"]);
  assert.deepEqual(asked({ key: "Escape" }), ["fitImage"]);
  assert.equal(asked({ key: "v" }, { paused: true }), null);
});
