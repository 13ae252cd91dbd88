// The filters of a page as lists of options with live counts.
import { el } from "./elements.mjs";
import { FacetSelection, shownOptions } from "./facet_selection.mjs";
import { focusInstead, movedTo } from "./list_keys.mjs";
import { received, sent } from "./messages.mjs";
import { SENDS, SHAPE } from "./names.mjs";

const SHOWN_AT_FIRST = 8;
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

class Facets {
  constructor(root) {
    this.root = root;
    this.selection = new FacetSelection();
    this.expanded = new Set();
    this.active = {};
    root.addEventListener("change", (event) => this.choose(event.target));
    root.addEventListener("keydown", (event) => {
      if (this.move(event)) event.preventDefault();
    });
  }

  update(data, send) {
    this.data = data;
    this.send = send;
    this.selection.heard(data.seen, data.selected);
    this.render();
  }

  choose(box) {
    this.selection.choose(box.dataset.facet, box.dataset.option, box.checked);
    const { number, selected } = this.selection;
    this.send(SENDS.SELECTION, sent(SHAPE.SELECTION, { number, selected }));
    this.render();
  }

  // One stop of the Tab key for each list; the arrow keys move inside it.
  move(event) {
    const boxes = [...(event.target.closest("ul")?.querySelectorAll("input") || [])];
    const at = boxes.indexOf(event.target);
    const to = at < 0 ? null : movedTo(event.key, at, boxes.length, STEPS);
    if (to === null) return false;
    if (boxes[to]) {
      focusInstead(boxes[at], boxes[to]);
      this.active[boxes[to].dataset.facet] = boxes[to].dataset.option;
    }
    return true;
  }

  render() {
    const focused = this.root.getRootNode().activeElement;
    const name = focused && this.root.contains(focused) ? focused.dataset.focus : null;
    this.root.replaceChildren(...this.data.facets.map((facet) => this.drawFacet(facet)));
    if (name) this.root.querySelector(`[data-focus="${CSS.escape(name)}"]`)?.focus({ preventScroll: true });
  }

  drawFacet(facet) {
    const isChosen = (option) => this.selection.isChosen(facet.id, option.id);
    const chosen = facet.options.filter(isChosen).length;
    const open = this.expanded.has(facet.id);
    const shown = shownOptions(facet.options, isChosen, open ? facet.options.length : SHOWN_AT_FIRST);
    const active = shown.some((o) => o.id === this.active[facet.id]) ? this.active[facet.id] : shown[0]?.id;
    const toggle = () => {
      if (open) this.expanded.delete(facet.id);
      else this.expanded.add(facet.id);
      this.render();
    };
    return el(
      "fieldset",
      { class: "facet", "data-facet": facet.id },
      el("legend", {}, facet.title, chosen ? el("span", { class: "chosen" }, `${chosen} chosen`) : null),
      el("ul", {}, shown.map((option) => this.drawOption(facet, option, option.id === active))),
      facet.options.length > SHOWN_AT_FIRST
        ? el("button", { type: "button", class: "more", "data-focus": `${facet.id}|`, "aria-expanded": String(open), onclick: toggle }, open ? "Show fewer" : `Show all ${facet.options.length}`)
        : null,
    );
  }

  drawOption(facet, option, active) {
    const box = el("input", {
      type: "checkbox", tabindex: active ? "0" : "-1", "data-facet": facet.id, "data-option": option.id, "data-focus": `${facet.id}|${option.id}`,
    });
    box.checked = this.selection.isChosen(facet.id, option.id);
    return el(
      "li",
      { class: option.count ? null : "none" },
      el("label", {}, box, el("span", { class: "name" }, option.title), el("span", { class: "count" }, option.count.toLocaleString("en"))),
    );
  }
}

const FACETS = new WeakMap();

export default function mount({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".facets");
  if (!root || !data) return undefined;
  if (!FACETS.has(root)) FACETS.set(root, new Facets(root));
  FACETS.get(root).update(received(SHAPE.FACETS, data), setStateValue);
  return undefined;
}
