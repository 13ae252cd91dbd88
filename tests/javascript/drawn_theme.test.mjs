import assert from "node:assert/strict";
import test from "node:test";

import { DrawnTheme, themeOf } from "../../src/dermdash/ui/frontend/drawn_theme.mjs";

function followed() {
  const asked = [];
  const theme = new DrawnTheme();
  theme.ran("light", (wanted) => asked.push(wanted));
  return { theme, asked };
}

test("a page is run again when the browser shows another theme, once", () => {
  const { theme, asked } = followed();
  theme.shows("light");
  assert.deepEqual(asked, []);
  theme.shows("dark");
  theme.shows("dark");
  assert.deepEqual(asked, ["dark"]);
});

test("a page that has followed is asked again at the next change", () => {
  const { theme, asked } = followed();
  theme.shows("dark");
  theme.ran("dark", (wanted) => asked.push(wanted));
  theme.shows("dark");
  theme.shows("light");
  assert.deepEqual(asked, ["dark", "light"]);
});

test("a background says its theme", () => {
  assert.deepEqual(["rgb(20, 24, 27)", "rgba(255, 255, 255, 1)", ""].map(themeOf), ["dark", "light", "light"]);
});
