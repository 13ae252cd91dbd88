import assert from "node:assert/strict";
import test from "node:test";

import { PictureFetch } from "../../src/dermdash/ui/frontend/picture_fetch.mjs";

const bytes = (text) => new TextEncoder().encode(text);

// A server with pictures of a line, which breaks after so many bytes of each answer; `speed` in bytes per millisecond.
class FakeLine {
  constructor(pictures, { breaksAfter = Infinity, speed = 1000, status = 206 } = {}) {
    Object.assign(this, { pictures, breaksAfter, speed, status, clock: 0, asked: [] });
  }

  now() {
    return this.clock;
  }

  async pause(ms) {
    this.clock += ms;
  }

  later() {
    return null;
  }

  cancel() {}

  async request(name, from, signal) {
    this.asked.push([name, from]);
    const data = this.pictures[name];
    if (data === undefined) return { status: 404, header: () => "text/plain", body: null };
    const whole = bytes(data);
    const header = (which) => ({ "content-type": "image/jpeg", "content-range": `bytes ${from}-/${whole.length}` })[which] || "";
    let at = from;
    const read = async () => {
      if (signal.aborted) throw new Error("aborted");
      if (at - from >= this.breaksAfter && at < whole.length) throw new Error("the line broke");
      if (at >= whole.length) return { done: true };
      const value = whole.subarray(at, Math.min(whole.length, at + 10, from + this.breaksAfter));
      at += value.length;
      this.clock += value.length / this.speed;
      return { done: false, value };
    };
    return { status: this.status, header, body: { read } };
  }
}

function fetching(line) {
  const got = {}, gone = [];
  const fetch = new PictureFetch({ onPicture: (name, data) => (got[name] = data), onProgress: () => {}, onGone: () => gone.push(line.asked.length) }, line);
  return { fetch, got, gone };
}

const settle = async () => {
  for (let i = 0; i < 500; i += 1) await null;
};
const uri = (text) => `data:image/jpeg;base64,${btoa(text)}`;

test("a picture comes through a line that breaks in the middle of it, and no byte is fetched twice", async () => {
  const line = new FakeLine({ a: "x".repeat(95) }, { breaksAfter: 30 });
  const { fetch, got } = fetching(line);
  fetch.want(["a"]);
  await settle();
  assert.deepEqual(line.asked, [["a", 0], ["a", 30], ["a", 60], ["a", 90]]);
  assert.equal(got.a, uri("x".repeat(95)));
  assert.equal(fetch.needed, true, "a line that breaks is slow, however quick its last bytes are");
});

test("what is needed first comes first, and what it interrupts goes on where it was", async () => {
  const line = new FakeLine({ next: "n".repeat(60), shown: "s".repeat(20) });
  const { fetch, got } = fetching(line);
  fetch.want(["next"]);
  for (let i = 0; i < 6; i += 1) await null;
  fetch.want(["shown", "next"]);
  await settle();
  assert.deepEqual(Object.keys(got), ["shown", "next"]);
  const [, [second], [third, from]] = line.asked;
  assert.deepEqual([second, third], ["shown", "next"]);
  assert.ok(from > 0);
  assert.equal(got.next, uri("n".repeat(60)));
});

test("what the server has forgotten is asked of the page, and comes with a message where that does not help", async () => {
  const line = new FakeLine({});
  const { fetch, gone } = fetching(line);
  fetch.want(["a"]);
  await settle();
  assert.deepEqual([line.asked.length, gone.length, fetch.gone, fetch.needed], [1, 1, true, true]);
  fetch.want(["a"]);
  await settle();
  assert.deepEqual([line.asked.length, fetch.needed], [2, false]);
  fetch.want([]);
  assert.deepEqual([fetch.gone, fetch.needed], [false, true]);
});

test("a page in place of a picture is none", async () => {
  const line = new FakeLine({ a: "<html>" });
  const request = line.request.bind(line);
  line.request = async (...args) => ({ ...(await request(...args)), status: 200, header: () => "text/html" });
  const { fetch, got } = fetching(line);
  fetch.want(["a"]);
  await settle();
  assert.deepEqual([got, fetch.gone], [{}, true]);
});

test("a slow line is one at which a picture takes seconds, and is told by what came over it", async () => {
  const slow = new FakeLine({ a: "x".repeat(9000) }, { speed: 2 });
  const { fetch } = fetching(slow);
  assert.equal(fetch.needed, true, "nothing is known yet");
  fetch.want(["a"]);
  for (let i = 0; i < 4000; i += 1) await null;
  assert.equal(fetch.needed, true);
  slow.speed = 1000;
  fetch.want(["a"]);
  for (let i = 0; i < 4000; i += 1) await null;
  assert.equal(fetch.needed, false);
  fetch.noteSlow();
  assert.equal(fetch.slow, false, "nothing came: it may be gone");
  fetch.noteLate();
  assert.equal(fetch.slow, true);
  assert.equal(fetch.needed, true);
});

test("a small picture that takes seconds is slow, too", async () => {
  const line = new FakeLine({ a: "x".repeat(3000) }, { speed: 2 });
  const { fetch } = fetching(line);
  fetch.want(["a"]);
  for (let i = 0; i < 2000; i += 1) await null;
  assert.deepEqual([fetch.needed, fetch.line], [true, "slow"]);
});

test("of several pictures it is known how much is here", async () => {
  const line = new FakeLine({ a: "x".repeat(40), b: "y".repeat(40) }, { breaksAfter: 20 });
  const { fetch } = fetching(line);
  line.pause = () => new Promise(() => {});
  fetch.want(["a", "b"]);
  await settle();
  assert.equal(fetch.share(["a", "b"]), 0.25);
  assert.equal(fetch.share(["c", "a"]), 0.75, "what is not waited for is here");
});
