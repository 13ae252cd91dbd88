import assert from "node:assert/strict";
import test from "node:test";

import { Pictures } from "../../src/dermdash/ui/frontend/pictures.mjs";

test("a picture that came once is there for every later step that names it", () => {
  const pictures = new Pictures();
  pictures.take({ a: "data:image/jpeg;base64,A", b: "data:image/jpeg;base64,B" });
  assert.deepEqual(pictures.keep(["a", "b"]), []);
  pictures.take({});
  assert.equal(pictures.data("a"), "data:image/jpeg;base64,A");
  assert.deepEqual(pictures.names, ["a", "b"]);
});

test("what is needed no more goes, and what is missing is told", () => {
  const pictures = new Pictures();
  pictures.take({ a: "data:image/jpeg;base64,A" });
  assert.deepEqual(pictures.keep(["b", "b"]), ["b"]);
  assert.deepEqual([pictures.names, pictures.data("a"), pictures.data("b")], [[], "", ""]);
});

test("an inline picture needs no name", () => {
  const pictures = new Pictures();
  assert.deepEqual(pictures.keep(["data:image/png;base64,C"]), []);
  assert.equal(pictures.data("data:image/png;base64,C"), "data:image/png;base64,C");
});
