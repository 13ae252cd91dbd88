import assert from "node:assert/strict";
import test from "node:test";

import { received, sent } from "../../src/dermdash/ui/frontend/messages.mjs";
import { SHAPE } from "../../src/dermdash/ui/frontend/names.mjs";

const panel = () => received(SHAPE.PANEL, { reader: "a", classes: [{ code: "mel" }], step: { key: "1", feedback: null, assistance: { probabilities: { mel: 0.5 } } }, acknowledged: ["x"] });

test("entries are read as they came, within lists and messages too", () => {
  const data = panel();
  assert.deepEqual([data.reader, data.classes[0].code, data.step.key, data.step.feedback, data.acknowledged], ["a", "mel", "1", null, ["x"]]);
  assert.equal(data.step.assistance.probabilities.anything, undefined);
});

test("an entry that was not sent is undefined, one that no message has is an error", () => {
  const data = panel();
  assert.equal(data.waiting, undefined);
  assert.throws(() => data.wating, /no entry "wating"/);
  assert.throws(() => data.step.confidence, /no entry "confidence"/);
  assert.throws(() => data.classes[0].title, /no entry "title"/);
});

test("a list of messages may be missing, too", () => {
  assert.equal(received(SHAPE.ANNOTATING, { task: { key: "t", model: null } }).task.model, null);
});

test("a message from a newer server is read all the same", () => {
  assert.equal(received(SHAPE.CROP, { x: 1, y: 2, share: 3, angle: 4 }).x, 1);
});

test("a copy of a message is an ordinary object", () => {
  assert.deepEqual({ ...panel().classes[0], color: "#000000" }, { code: "mel", color: "#000000" });
});

test("what is sent has all entries of its shape and no others", () => {
  const crop = { x: 0.5, y: 0.5, share: 1 };
  assert.equal(sent(SHAPE.CROP, crop), crop);
  assert.throws(() => sent(SHAPE.CROP, { x: 0.5, y: 0.5 }), /"share"/);
  assert.throws(() => sent(SHAPE.CROP, { ...crop, angle: 1 }), /"angle"/);
});
