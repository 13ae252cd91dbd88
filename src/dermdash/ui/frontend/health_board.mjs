// How a data set stands at a glance: pictures, bars and counts, each a link to the records behind it.
import { colorOf, dataImage, el } from "./elements.mjs";
import { received } from "./messages.mjs";
import { SENDS, SHAPE } from "./names.mjs";

// A real link, so that it opens in another tab, too; a plain click stays in the app and keeps the session.
function link(attributes, row, open, ...children) {
  const follow = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    open(row.id);
  };
  return el("a", { ...attributes, href: row.href, onclick: follow }, ...children);
}

const tint = (row) => ({ "--c": row.color ? colorOf(row.color) : null });

function drawStack(group, open) {
  const bar = el("div", { class: "stack" }, group.rows.map((row) => link({ class: "part", "--w": `${row.share * 100}%`, ...tint(row), "aria-hidden": "true", tabindex: "-1", title: `${row.label}: ${row.count}` }, row, open)));
  const legend = el("ul", { class: "legend" }, group.rows.map((row) => el("li", {}, link({}, row, open, el("i", { class: "swatch", ...tint(row) }), el("span", {}, row.label), el("b", {}, row.count)))));
  return [bar, legend];
}

// Of a longer list the rest stands closed below it, so that one list does not push down all that follows.
const MOST_ROWS = 8;

function drawRows(group, open) {
  const withBar = group.draw === "bars";
  const list = (rows) =>
    el(
      "ul",
      { class: `rows ${group.draw}` },
      rows.map((row) =>
        el(
          "li",
          {},
          link({}, row, open, el("span", { class: "label" }, row.label), withBar ? el("span", { class: "bar", "--w": `${row.share * 100}%`, ...tint(row), "aria-hidden": "true" }) : null, el("b", {}, row.count)),
        ),
      ),
    );
  if (group.rows.length <= MOST_ROWS + 1) return list(group.rows);
  return [list(group.rows.slice(0, MOST_ROWS)), el("details", {}, el("summary", {}, `${group.rows.length - MOST_ROWS} more`), list(group.rows.slice(MOST_ROWS)))];
}

function drawGroup(group, open) {
  return el(
    "section",
    {},
    el("h3", {}, group.title),
    group.draw === "stack" ? drawStack(group, open) : drawRows(group, open),
    group.note ? el("p", { class: "note" }, group.note) : null,
  );
}

export default function mount({ data: message, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".health-board");
  if (!root || !message) return undefined;
  const data = received(SHAPE.HEALTH, message);
  const open = (id) => setTriggerValue(SENDS.OPENED, id);
  const mosaic = data.mosaic.length
    ? el(
        "ul",
        { class: "mosaic", "aria-label": data.label },
        data.mosaic.map((tile) => el("li", {}, link({ class: "tile", ...tint(tile), title: tile.label }, tile, open, el("img", { src: dataImage(tile.image), alt: tile.label, decoding: "async", draggable: "false" })))),
      )
    : null;
  root.replaceChildren(...[mosaic, el("div", { class: "groups" }, data.groups.map((group) => drawGroup(group, open)))].filter(Boolean));
  return undefined;
}
