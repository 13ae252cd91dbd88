import assert from "node:assert/strict";
import test from "node:test";

import { QUALITY_KEYS, STRUCTURE_KEYS, commandOf, shortcutOf } from "../../src/dermdash/ui/frontend/annotation_keys.mjs";
import { MARK } from "../../src/dermdash/ui/frontend/names.mjs";
import { QUALITY_LEVELS, STRUCTURES } from "../../src/dermdash/ui/frontend/nomenclature.mjs";

const classes = ["akiec", "bcc", "mel"].map((code) => ({ code }));
const asked = (event, naming = false) => shortcutOf(event, { classes, naming });

test("digits choose the diagnosis and letters the quality", () => {
  assert.deepEqual(asked({ key: "3" }), ["chooseDiagnosis", "mel"]);
  assert.equal(asked({ key: "4" }), null);
  assert.deepEqual(QUALITY_KEYS.map((key) => asked({ key })), [1, 2, 3, 4, 5].map((level) => ["chooseQuality", level]));
  assert.equal(QUALITY_KEYS.length, QUALITY_LEVELS.length);
});

test("every structure has a letter, which means it only while structures are named", () => {
  assert.equal(new Set(STRUCTURE_KEYS).size, STRUCTURES.length);
  STRUCTURES.forEach(({ name }, i) => assert.deepEqual(asked({ key: STRUCTURE_KEYS[i] }, true), ["pressStructure", name]));
  assert.deepEqual(asked({ key: "A" }, true), ["pressStructure", STRUCTURES[0].name]);
  assert.deepEqual(asked({ key: "a" }), ["chooseQuality", 1]);
  assert.deepEqual([asked({ key: "x" }), asked({ key: "x" }, true)], [["openStructures"], ["closeStructures"]]);
});

test("no letter that leaves the structures or takes a tool is a structure's", () => {
  for (const key of ["x", "r", "p", "u", "v", "z", "y"]) assert.ok(!STRUCTURE_KEYS.includes(key), key);
  assert.deepEqual(asked({ key: "r" }, true), ["pickTool", MARK.RECTANGLE]);
});

test("tools, marks and image have their keys", () => {
  assert.deepEqual(["r", "p", "l"].map((key) => asked({ key })[1]), [MARK.RECTANGLE, MARK.POLYGON, MARK.FREEHAND]);
  assert.deepEqual([asked({ key: "n" }), asked({ key: "N", shiftKey: true })], [["nextMark", 1], ["nextMark", -1]]);
  assert.deepEqual(["Delete", "Backspace", "0", "?", "u", "c"].map((key) => asked({ key })[0]), ["deleteMark", "deleteMark", "fitImage", "openHelp", "toggleUnsure", "focusComment"]);
  assert.equal(asked({ key: "Tab" }), null);
});

test("Ctrl and Enter submits, Ctrl and Z goes back", () => {
  assert.deepEqual(commandOf({ key: "Enter" }), ["submit"]);
  assert.deepEqual([commandOf({ key: "z" }), commandOf({ key: "Z", shiftKey: true }), commandOf({ key: "y" })], [["undo"], ["redo"], ["redo"]]);
  assert.equal(commandOf({ key: "c" }), null);
});
