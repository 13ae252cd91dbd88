import assert from "node:assert/strict";
import test from "node:test";

import { thumbnailSource } from "../../src/dermdash/ui/frontend/thumbnails.mjs";

globalThis.document = { querySelector: () => ({ src: "https://h/behind/static/js/index.js" }) };

test("an address of the app lies below the app's root, whatever a proxy puts before it", () => {
  const place = `dermdash-thumbnails/${"a".repeat(64)}.1700000000.${"0".repeat(32)}`;
  assert.equal(thumbnailSource(place), `https://h/behind/${place}`);
});

test("what is neither such an address nor a picture is nothing", () => {
  const inline = "data:image/jpeg;base64,AAAA";
  assert.equal(thumbnailSource(inline), inline);
  for (const odd of ["https://elsewhere/x.jpg", "//elsewhere/x", "dermdash-thumbnails/../x", "javascript:1", "", null, 7]) assert.equal(thumbnailSource(odd), "");
});
