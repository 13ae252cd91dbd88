// Fetches pictures one after the other over a line that is slow or breaks: each goes on from the byte where it broke off.
import { inApp } from "./app_address.mjs";
import { INLINE } from "./pictures.mjs";
import { PICTURE } from "./names.mjs";

const AGAIN_FIRST_MS = 500;
const AGAIN_SLOWER = 1.6;
const AGAIN_LONGEST_MS = 5000;
// A line that is dead without a word is given up after so long without a byte.
const STALLED_MS = 20000;
// Below so many bytes a millisecond a case's picture takes seconds: then it must not come along with a message.
const SLOW_RATE = 20;
// Beside that, the way to a server and back takes its time.
const WAY_MS = 500;
// Less says nothing of a line's speed: the last bytes of a picture are quick on any.
const TELLING_BYTES = 2000;
// Not there even after the page has named it anew: it has to come along with a message.
const MISSES = 2;
const GONE = [403, 404];

const placeOf = (name) => inApp(`${PICTURE.PATH}/${name}`);

// What a fetch needs of the browser it is in. `request` gives status, headers and the pieces of the answer.
const HERE = {
  now: () => performance.now(),
  pause: (ms) => new Promise((go) => setTimeout(go, ms)),
  later: (act, ms) => setTimeout(act, ms),
  cancel: (timer) => clearTimeout(timer),
  async request(name, from, signal) {
    const invitation = new URL(location.href).searchParams.get("invitation") || "";
    const headers = { Range: `bytes=${from}-`, [PICTURE.INVITATION]: invitation };
    const answer = await fetch(placeOf(name), { headers, signal, cache: "no-store" });
    return { status: answer.status, header: (which) => answer.headers.get(which) || "", body: answer.body.getReader() };
  },
};

export class PictureFetch {
  // `onPicture(name, data)`: one is here; `onProgress()`: more of one is; `onGone()`: the page must name them anew.
  constructor({ onPicture, onProgress, onGone }, browser = HERE) {
    this.onPicture = onPicture;
    this.onProgress = onProgress;
    this.onGone = onGone;
    this.browser = browser;
    this.wanted = [];
    this.parts = new Map();
    this.misses = new Map();
    // Those that the server does not have until the page has asked for them anew.
    this.absent = new Set();
    this.running = null;
    // Nothing is known of the line yet.
    this.line = null;
    // Whether something has come slowly: where nothing comes, the line may as well be gone.
    this.cameSlowly = false;
  }

  // What is needed and not here, the most urgent first. Asked at every message: what was absent is looked for again.
  want(names) {
    this.wanted = names;
    this.absent.clear();
    for (const kept of [this.parts, this.misses]) for (const name of [...kept.keys()]) if (!names.includes(name)) kept.delete(name);
    if (this.running && this.running.name !== this.next) this.running.abort.abort();
    this.run();
  }

  stop() {
    this.want([]);
  }

  get next() {
    return this.wanted.find((name) => !this.absent.has(name));
  }

  // Whether pictures have to be fetched: until a line has shown to be fast, and not where the server keeps missing one.
  get needed() {
    return this.line !== "fast" && ![...this.misses.values()].some((count) => count >= MISSES);
  }

  get gone() {
    return this.absent.size > 0;
  }

  // The line was slow or broke at something else.
  noteSlow() {
    this.line = "slow";
  }

  // What was given up as slow has come.
  noteLate() {
    this.cameSlowly = true;
  }

  get slow() {
    return this.line === "slow" && this.cameSlowly;
  }

  // How much of these pictures is here, 0..1, as far as their sizes are known.
  share(names) {
    const parts = names.map((name) => (this.wanted.includes(name) ? this.parts.get(name) : { have: 1, total: 1 }));
    return parts.reduce((sum, part) => sum + (part && part.total ? part.have / part.total : 0), 0) / Math.max(1, parts.length);
  }

  async run() {
    if (this.busy) return;
    this.busy = true;
    let pause = AGAIN_FIRST_MS;
    while (this.next) {
      const name = this.next;
      const before = this.parts.get(name)?.have || 0;
      const whole = await this.go(name);
      if (whole || !this.wanted.includes(name) || this.absent.has(name) || this.next !== name) continue;
      this.noteSlow();
      pause = (this.parts.get(name)?.have || 0) > before ? AGAIN_FIRST_MS : Math.min(AGAIN_LONGEST_MS, pause * AGAIN_SLOWER);
      await this.browser.pause(pause);
    }
    this.busy = false;
  }

  // Fetch what is missing of one; returns whether all of it is here.
  async go(name) {
    const abort = new AbortController();
    this.running = { name, abort };
    let stalled = null;
    const wait = () => {
      this.browser.cancel(stalled);
      stalled = this.browser.later(() => abort.abort(), STALLED_MS);
    };
    const part = this.parts.get(name) || { pieces: [], have: 0, total: 0, kind: "" };
    try {
      wait();
      const began = this.browser.now();
      const answer = await this.browser.request(name, part.have, abort.signal);
      const kind = answer.header("content-type");
      if (GONE.includes(answer.status) || (answer.status < 300 && !kind.startsWith("image/"))) return this.miss(name);
      if (answer.status !== 200 && answer.status !== 206) return false;
      if (answer.status === 200) Object.assign(part, { pieces: [], have: 0 });
      const total = answer.status === 206 ? answer.header("content-range").split("/")[1] : answer.header("content-length");
      Object.assign(part, { total: Number(total), kind });
      if (this.wanted.includes(name)) this.parts.set(name, part);
      const start = part.have;
      for (;;) {
        const { done, value } = await answer.body.read();
        if (done) break;
        part.pieces.push(value);
        part.have += value.length;
        wait();
        this.onProgress();
      }
      if (!part.total || part.have < part.total) return false;
      this.measure(part.have - start, this.browser.now() - began);
      this.finish(name, part);
      return true;
    } catch {
      return false;
    } finally {
      this.browser.cancel(stalled);
      this.running = null;
    }
  }

  miss(name) {
    this.misses.set(name, (this.misses.get(name) || 0) + 1);
    this.absent.add(name);
    this.onGone();
    return false;
  }

  measure(bytes, ms) {
    if (bytes < TELLING_BYTES) return;
    this.cameSlowly = ms > WAY_MS + bytes / SLOW_RATE;
    this.line = this.cameSlowly ? "slow" : "fast";
  }

  finish(name, part) {
    this.parts.delete(name);
    if (!this.wanted.includes(name)) return;
    this.wanted = this.wanted.filter((one) => one !== name);
    let text = "";
    // Not all at once: a call takes only so many arguments.
    for (const piece of part.pieces) for (let i = 0; i < piece.length; i += 8192) text += String.fromCharCode(...piece.subarray(i, i + 8192));
    this.onPicture(name, `${INLINE}${part.kind};base64,${btoa(text)}`);
  }
}
