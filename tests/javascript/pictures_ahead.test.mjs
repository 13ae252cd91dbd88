import assert from "node:assert/strict";
import test from "node:test";

import { PicturesAhead } from "../../src/dermdash/ui/frontend/pictures_ahead.mjs";

const DATA = (letter) => `data:image/png;base64,${letter}`;

function browser({ sparing = false } = {}) {
  const timers = [];
  const images = [];
  return {
    images,
    pass: () => timers.splice(0).forEach((act) => act && act()),
    image() {
      const image = new EventTarget();
      images.push(image);
      return image;
    },
    later: (act) => timers.push(act),
    cancel: (timer) => (timers[timer - 1] = null),
    sparing: () => sparing,
  };
}

test("pictures are fetched a moment later, each is handed out once, and those of another page are let go", () => {
  const here = browser();
  const ahead = new PicturesAhead(here);
  ahead.fetch([DATA("a"), DATA("b")], () => 9);
  assert.equal(here.images.length, 0);
  here.pass();
  assert.deepEqual(here.images.map((image) => image.src), [DATA("a"), DATA("b")]);
  assert.equal(ahead.take(DATA("a")), here.images[0]);
  assert.equal(ahead.take(DATA("a")), null);
  ahead.fetch([DATA("c")], () => 9);
  here.pass();
  assert.equal(ahead.take(DATA("b")), null);
  assert.equal(ahead.take(DATA("c")), here.images[2]);
});

test("who turns pages quickly has only the last one fetched, and who spares their line none", () => {
  const here = browser();
  const ahead = new PicturesAhead(here);
  ahead.fetch([DATA("a")], () => 9);
  ahead.fetch([DATA("b")], () => 9);
  here.pass();
  assert.deepEqual(here.images.map((image) => image.src), [DATA("b")]);
  const spares = browser({ sparing: true });
  new PicturesAhead(spares).fetch([DATA("a")], () => 9);
  spares.pass();
  assert.equal(spares.images.length, 0);
});

test("no more are fetched than will be seen", () => {
  const here = browser();
  new PicturesAhead(here).fetch([DATA("a"), DATA("b"), DATA("c")], () => 2);
  here.pass();
  assert.equal(here.images.length, 2);
});

test("a picture that did not come is asked for again by its tile", () => {
  const here = browser();
  const ahead = new PicturesAhead(here);
  ahead.fetch([DATA("a")], () => 9);
  here.pass();
  here.images[0].dispatchEvent(new Event("error"));
  assert.equal(ahead.take(DATA("a")), null);
});
