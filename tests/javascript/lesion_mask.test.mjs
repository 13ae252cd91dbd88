import assert from "node:assert/strict";
import test from "node:test";

import { edgeOf, insideOf } from "../../src/dermdash/ui/frontend/lesion_mask.mjs";

const pixel = (tone, alpha = 255) => [tone, tone, tone, alpha];

test("white is inside, dark or transparent is not", () => {
  const pixels = new Uint8ClampedArray([pixel(255), pixel(0), pixel(255, 0), pixel(128), pixel(127)].flat());
  assert.deepEqual([...insideOf(pixels)], [1, 0, 0, 1, 0]);
});

test("the edge of a square is its rim", () => {
  const inside = new Uint8Array(25);
  for (let y = 1; y < 4; y += 1) for (let x = 1; x < 4; x += 1) inside[5 * y + x] = 1;
  assert.deepEqual(edgeOf(inside, 5, 5), [[1, 1], [2, 1], [3, 1], [1, 2], [3, 2], [1, 3], [2, 3], [3, 3]]);
});

test("where the mask fills the picture the picture's border is its edge", () => {
  assert.equal(edgeOf(new Uint8Array(20).fill(1), 5, 4).length, 14);
});

test("an empty mask has no edge", () => {
  assert.deepEqual(edgeOf(new Uint8Array(20), 5, 4), []);
});
