import assert from "node:assert/strict";
import test from "node:test";

import { Pictures } from "../../src/dermdash/ui/frontend/pictures.mjs";

test("a picture that came once is there for every later step that names it", () => {
  const pictures = new Pictures();
  pictures.take({ a: "data:image/jpeg;base64,A", b: "data:image/jpeg;base64,B" });
  assert.equal(pictures.keep(["a", "b"]), true);
  pictures.take({});
  assert.equal(pictures.data("a"), "data:image/jpeg;base64,A");
  assert.deepEqual(pictures.names, ["a", "b"]);
});

test("what is needed no more goes, and what is missing is told", () => {
  const pictures = new Pictures();
  pictures.take({ a: "data:image/jpeg;base64,A" });
  assert.equal(pictures.keep(["b"]), false);
  assert.deepEqual([pictures.names, pictures.data("a"), pictures.data("b")], [[], "", ""]);
});

test("an inline picture needs no name", () => {
  const pictures = new Pictures();
  assert.equal(pictures.keep(["data:image/png;base64,C"]), true);
  assert.equal(pictures.data("data:image/png;base64,C"), "data:image/png;base64,C");
});
