import assert from "node:assert/strict";
import test from "node:test";

import { mixedOrder, paintSquares, pixelOf, rowsByGroup, taken } from "../../src/dermdash/ui/frontend/point_pixels.mjs";

const sheet = (width, height) => ({ pixels: new Uint32Array(width * height), width, height });
const rowsOf = ({ pixels, width }) => Array.from({ length: pixels.length / width }, (_, y) => [...pixels.slice(y * width, (y + 1) * width)]);

test("a pixel has red, green, blue and opacity in this order of bytes", () => {
  const bytes = new Uint8Array(Uint32Array.of(pixelOf("#0a64ff", 0.8)).buffer);
  assert.deepEqual([...bytes], [10, 100, 255, 204]);
});

test("every row is in its group, in order; a group beyond the last colour has that", () => {
  assert.deepEqual(rowsByGroup(Uint8Array.of(1, 0, 1, 7), 2).map((rows) => [...rows]), [[1], [0, 2, 3]]);
});

test("a square lies round its place and is cut at the edges; a group beyond the last colour has that", () => {
  const onto = sheet(4, 3);
  const places = Float32Array.of(0.25, 0.5, 0, 0, 1, 1, 5, 5);
  const view = { scale: 4, left: 0, top: 0 };
  paintSquares(onto, places, Uint8Array.of(0, 0, 0, 0), Uint32Array.of(9), view, 2);
  assert.deepEqual(rowsOf(onto), [[9, 0, 0, 0], [9, 9, 0, 0], [9, 9, 0, 0]]);
  paintSquares(onto, places, Uint8Array.of(0, 7, 0, 0), Uint32Array.of(9, 5), view, 2, (row) => row === 1);
  assert.deepEqual(rowsOf(onto)[0], [5, 0, 0, 0]);
  assert.deepEqual(rowsOf(onto)[1], [9, 9, 0, 0]);
});

test("a mixed order has every point once", () => {
  for (const n of [0, 1, 2, 3, 4, 5, 8, 13, 100, 1001, 46368]) assert.deepEqual([...mixedOrder(n)].sort((a, b) => a - b), Array.from({ length: n }, (_, i) => i));
  assert.deepEqual([...taken(Float32Array.of(0, 1, 2, 3, 4, 5), Uint32Array.of(2, 0), 2)], [4, 5, 0, 1]);
});

test("where very many points lie on one another an area has their colours in their shares, whatever their order", () => {
  const n = 200000;
  // One in ten is of the second group: the last tenth of the rows, or every tenth row.
  for (const group of [(i) => (i >= 0.9 * n ? 1 : 0), (i) => (i % 10 === 3 ? 1 : 0)]) {
    const places = Float32Array.from({ length: 2 * n }, (_, k) => ((k * 7919) % 10007) / 10007);
    const onto = sheet(100, 100);
    const order = mixedOrder(n);
    const groups = Uint8Array.from({ length: n }, (_, i) => group(i));
    paintSquares(onto, taken(places, order, 2), taken(groups, order), Uint32Array.of(1, 2), { scale: 100, left: 0, top: 0 }, 2);
    const painted = onto.pixels.filter((one) => one);
    const share = painted.filter((one) => one === 2).length / painted.length;
    assert.ok(share > 0.07 && share < 0.13, `${share}`);
  }
});
