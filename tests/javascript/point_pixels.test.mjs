import assert from "node:assert/strict";
import test from "node:test";

import { paintSquares, pixelOf, rowsByGroup } from "../../src/dermdash/ui/frontend/point_pixels.mjs";

const sheet = (width, height) => ({ pixels: new Uint32Array(width * height), width, height });
const rowsOf = ({ pixels, width }) => Array.from({ length: pixels.length / width }, (_, y) => [...pixels.slice(y * width, (y + 1) * width)]);

test("a pixel has red, green, blue and opacity in this order of bytes", () => {
  const bytes = new Uint8Array(Uint32Array.of(pixelOf("#0a64ff", 0.8)).buffer);
  assert.deepEqual([...bytes], [10, 100, 255, 204]);
});

test("every row is in its group, in order; a group beyond the last colour has that", () => {
  assert.deepEqual(rowsByGroup(Uint8Array.of(1, 0, 1, 7), 2).map((rows) => [...rows]), [[1], [0, 2, 3]]);
});

test("a square lies round its place, is cut at the edges, and later ones lie above", () => {
  const onto = sheet(4, 3);
  const places = Float32Array.of(0.25, 0.5, 0, 0, 1, 1, 5, 5);
  const view = { scale: 4, left: 0, top: 0 };
  paintSquares(onto, places, Uint32Array.of(0, 1, 2, 3), view, 2, 9);
  assert.deepEqual(rowsOf(onto), [[9, 0, 0, 0], [9, 9, 0, 0], [9, 9, 0, 0]]);
  paintSquares(onto, places, Uint32Array.of(0, 1), view, 2, 5, (row) => row === 1);
  assert.deepEqual(rowsOf(onto)[0], [5, 0, 0, 0]);
  assert.deepEqual(rowsOf(onto)[1], [9, 9, 0, 0]);
});
