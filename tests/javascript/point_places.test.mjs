import assert from "node:assert/strict";
import test from "node:test";

import { PointPlaces } from "../../src/dermdash/ui/frontend/point_places.mjs";

const ADDRESS = (letter) => `dermdash-places/${letter.repeat(32)}`;
const BYTES = Uint8Array.from([0, 0, 255, 255]).buffer;

function browser(answers) {
  const asked = [];
  const waited = [];
  return {
    asked,
    waited,
    pause: async (ms) => void waited.push(ms),
    bytes: async (address) => {
      asked.push(address);
      const answer = answers.shift();
      if (answer === "broken") throw new TypeError("Failed to fetch");
      return answer;
    },
  };
}

test("places that came along are read at once, and nothing is fetched", () => {
  const here = browser([]);
  assert.deepEqual([...new PointPlaces(here).here(Buffer.from([0, 0, 255, 255]).toString("base64"))], [0, 1]);
  assert.deepEqual(here.asked, []);
});

test("places behind an address are fetched once and kept, the last two", async () => {
  const here = browser([BYTES, BYTES, BYTES]);
  const places = new PointPlaces(here);
  assert.equal(places.here(ADDRESS("a")), null);
  assert.deepEqual([...(await places.come(ADDRESS("a")))], [0, 1]);
  assert.deepEqual([...places.here(ADDRESS("a"))], [0, 1]);
  await places.come(ADDRESS("b"));
  await places.come(ADDRESS("c"));
  assert.equal(places.here(ADDRESS("a")), null);
  assert.deepEqual([...places.here(ADDRESS("b"))], [0, 1]);
});

test("a line that breaks is tried again, and what is not there is given up in the end", async () => {
  const breaks = browser(["broken", null, BYTES]);
  assert.deepEqual([...(await new PointPlaces(breaks).come(ADDRESS("a")))], [0, 1]);
  assert.deepEqual(breaks.waited, [500, 2000]);
  const never = browser([null, null, null, null]);
  assert.equal(await new PointPlaces(never).come(ADDRESS("a")), null);
  assert.equal(never.asked.length, 4);
});
