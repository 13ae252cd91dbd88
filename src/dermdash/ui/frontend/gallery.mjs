// One component for a whole page of thumbnails: arrow keys move, Enter or a click opens.
import { ChosenTiles } from "./chosen_tiles.mjs";
import { colorOf, el, svg } from "./elements.mjs";
import { focusInstead, movedTo } from "./list_keys.mjs";
import { received, sent } from "./messages.mjs";
import { SENDS, SHAPE } from "./names.mjs";
import { PicturesAhead } from "./pictures_ahead.mjs";
import { thumbnailSource } from "./thumbnails.mjs";

const SHAPES = {
  // Fuller with every stage: ring, half disc, full diamond. The words stand beside them.
  "stage-1": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm0 2a4 4 0 1 1 0 8 4 4 0 0 1 0-8z",
  "stage-2": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm0 2v8a4 4 0 0 1 0-8z",
  "stage-3": "M8 1l7 7-7 7-7-7z",
  circle: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z",
  diamond: "M8 1l7 7-7 7-7-7z",
  square: "M2 2h12v12H2z",
  triangle: "M8 1.5 15 14H1z",
};

function drawQuality(tile) {
  if (!tile.quality) return null;
  const origin = tile.quality_estimated ? "estimated" : "human";
  return el(
    "span",
    { class: `quality ${origin}` },
    el("span", { class: "dots", "aria-hidden": "true" }, [1, 2, 3, 4, 5].map((n) => el("i", { class: n <= tile.quality ? "on" : null }))),
    el("span", { class: "sr" }, `Quality ${tile.quality} of 5, `),
    el("span", {}, origin),
  );
}

// The part that is right stands first and is underlined: colour alone never says it.
function drawBars(bars) {
  return bars.map((bar) =>
    el(
      "span",
      { class: "votes" },
      el("span", { class: "votes-name" }, el("span", {}, bar.name), el("span", {}, bar.text)),
      el(
        "span",
        { class: "bar", role: "img", "aria-label": bar.parts.map((part) => part.text).join(", ") || bar.text },
        bar.parts.map((part) => el("i", { class: part.right ? "right" : null, title: part.text, "--share": String(part.share), "--c": part.color ? colorOf(part.color) : null })),
      ),
    ),
  );
}

function drawPicture(tile, ahead) {
  const without = (words) => el("span", { class: "no-picture" }, words);
  const box = el("span", { class: "picture" });
  if (tile.image) {
    const fetched = ahead.take(tile.image);
    const image = fetched || el("img", { alt: "", loading: "lazy", decoding: "async", draggable: "false" });
    if (fetched) Object.assign(image, { alt: "", draggable: false });
    // Its file is gone, or the page is older than its addresses.
    image.addEventListener("error", () => {
      box.replaceChildren(without("Not here. Load the page again."));
      const item = box.closest("li");
      if (item) item.dataset.lost = "yes";
    });
    if (!fetched) image.src = thumbnailSource(tile.image);
    box.append(image);
  } else box.append(without("No picture here"));
  return box;
}

function drawTile(tile, { open, choice, ahead }) {
  const color = tile.color;
  const button = el(
    "button",
    { type: "button", class: "tile", "data-id": tile.id, "aria-current": tile.selected ? "true" : null, onclick: () => open(button) },
    drawPicture(tile, ahead),
    el(
      "span",
      { class: "caption" },
      el("span", { class: "title" }, color ? el("i", { class: "swatch", "--c": colorOf(color) }) : null, el("span", {}, tile.title || "No diagnosis")),
      tile.subtitle ? el("span", { class: "subtitle", title: tile.subtitle }, tile.subtitle) : null,
      tile.badges && tile.badges.length
        ? el(
            "span",
            { class: "badges" },
            tile.badges.map((b) =>
              el("span", { class: "badge", "--c": b.color ? colorOf(b.color) : null }, Object.hasOwn(SHAPES, b.shape) ? svg(SHAPES[b.shape]) : null, el("span", {}, b.text)),
            ),
          )
        : null,
      tile.bars ? drawBars(tile.bars) : null,
      drawQuality(tile),
    ),
  );
  if (!choice) return el("li", {}, button);
  const box = el("input", { type: "checkbox", tabindex: "-1", "aria-label": `Choose ${tile.title || "no diagnosis"} ${tile.subtitle || ""}`.trim() });
  box.checked = choice.chosen.has(tile.id);
  const mark = () => item.classList.toggle("chosen", box.checked);
  box.addEventListener("change", () => {
    choice.chosen.toggle(tile.id);
    mark();
    choice.changed();
  });
  button.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    box.click();
  });
  const item = el("li", {}, button, el("label", { class: "choose" }, box));
  mark();
  return item;
}

// How many are chosen, and what can be done with them.
function drawBar(bar, acts, choice, act) {
  const { chosen } = choice;
  bar.hidden = chosen.ids.size === 0;
  bar.replaceChildren(
    el("span", { role: "status" }, `${chosen.ids.size.toLocaleString("en")} chosen`),
    ...acts.map((one) => el("button", { type: "button", disabled: !chosen.allows(one), onclick: () => act(one.id) }, one.label)),
    el("button", { type: "button", class: "plain", onclick: choice.cleared }, "Choose none"),
  );
}

function moveFocus(grid, key) {
  const tiles = [...grid.querySelectorAll(".tile")];
  const at = tiles.indexOf(grid.getRootNode().activeElement);
  const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
  const to = at < 0 ? null : movedTo(key, at, tiles.length, steps);
  if (to === null) return false;
  if (tiles[to]) focusInstead(tiles[at], tiles[to]);
  return true;
}

// A tile that says the same as before stays as it is: its picture is neither fetched nor decoded again.
// `message`: what came, which can be written as text; `data`: the same, held to its declaration.
function keptOrDrawn(shared, message, data, draw) {
  const before = shared.drawn;
  shared.drawn = new Map();
  return data.tiles.map((tile, position) => {
    const says = JSON.stringify([message.tiles[position], message.acts]);
    const known = shared.drawn.has(says) ? null : before.get(says);
    const item = known && !known.dataset.lost ? known : draw(tile);
    shared.drawn.set(says, item);
    return item;
  });
}

const GRIDS = new WeakMap();

export default function mount({ data: message, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gallery");
  if (!root || !message) return undefined;
  const data = received(SHAPE.GALLERY, message);
  let shared = GRIDS.get(root);
  if (!shared) {
    shared = { drawn: new Map(), ahead: new PicturesAhead(), grid: el("ul", { class: "grid" }), bar: el("div", { class: "chosenbar", hidden: true }), chosen: new ChosenTiles(sessionStorage) };
    shared.grid.addEventListener("keydown", (event) => {
      if (!moveFocus(shared.grid, event.key)) return;
      event.preventDefault();
      // The same keys may go to the next record on the page around it.
      event.stopPropagation();
    });
    root.replaceChildren(shared.bar, shared.grid);
    GRIDS.set(root, shared);
  }
  shared.trigger = setTriggerValue;
  const { grid } = shared;
  const active = grid.getRootNode().activeElement;
  const focused = active && grid.contains(active) ? active.dataset.id : null;
  grid.style.setProperty("--tile", `${data.tile_px}px`);
  grid.setAttribute("aria-label", data.label);
  const open = (button) => {
    button.classList.add("opening");
    setTimeout(() => button.classList.remove("opening"), 3000);
    shared.trigger(SENDS.OPENED, button.dataset.id);
  };
  let choice = null;
  if (data.acts.length) {
    shared.chosen.under(data.chosen_under);
    const act = (name) => {
      shared.trigger(SENDS.ACT, sent(SHAPE.ACT_ON_TILES, { act: name, ids: [...shared.chosen.ids] }));
    };
    const changed = () => drawBar(shared.bar, data.acts, choice, act);
    const cleared = () => {
      shared.chosen.clear();
      for (const box of grid.querySelectorAll("input")) box.checked = false;
      for (const item of grid.querySelectorAll("li.chosen")) item.classList.remove("chosen");
      changed();
      grid.querySelector('.tile[tabindex="0"]')?.focus({ preventScroll: true });
    };
    choice = { chosen: shared.chosen, changed, cleared };
    changed();
  }
  const items = keptOrDrawn(shared, message, data, (tile) => drawTile(tile, { open, choice, ahead: shared.ahead }));
  if (items.length !== grid.children.length || items.some((item, i) => item !== grid.children[i])) grid.replaceChildren(...items);
  items.forEach((item, i) => {
    item.querySelector(".tile").tabIndex = i === 0 ? 0 : -1;
    const box = item.querySelector("input");
    if (!box) return;
    box.checked = shared.chosen.has(data.tiles[i].id);
    item.classList.toggle("chosen", box.checked);
  });
  const tile = (id) => grid.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (focused !== null) tile(focused)?.focus({ preventScroll: true });
  else if (data.focus && !shared.returned && tile(data.focus)) {
    for (const other of grid.querySelectorAll(".tile")) other.tabIndex = -1;
    tile(data.focus).tabIndex = 0;
    tile(data.focus).focus();
  }
  shared.returned = true;
  const inView = () => [...grid.children].filter((item) => item.getBoundingClientRect().top < innerHeight).length;
  shared.ahead.fetch(message.ahead, inView);
  return undefined;
}
