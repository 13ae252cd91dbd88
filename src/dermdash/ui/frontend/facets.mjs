// The filters of a page as lists of options with live counts. What is chosen is kept here as ids and sent whole, with a
// number that grows: the server says which number it has seen, so a slow answer never takes back a newer click.
import { el } from "./elements.mjs";

const SHOWN_AT_FIRST = 8;

class Facets {
  constructor(root) {
    this.root = root;
    this.number = 0;
    this.selected = {};
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
    // Clicks the server has not seen yet stay; otherwise what it says is right, after Back as well.
    if (data.seen >= this.number) this.selected = { ...data.selected };
    this.render();
  }

  isChosen(facet, option) {
    return (this.selected[facet] || []).includes(option);
  }

  choose(box) {
    const { facet, option } = box.dataset;
    const others = (this.selected[facet] || []).filter((id) => id !== option);
    this.selected = { ...this.selected, [facet]: box.checked ? [...others, option] : others };
    this.number = Math.max(Date.now(), this.number + 1);
    this.send("selection", { number: this.number, selected: this.selected });
    this.render();
  }

  // One stop of the Tab key for each list; the arrow keys move inside it.
  move(event) {
    const boxes = [...(event.target.closest("ul")?.querySelectorAll("input") || [])];
    const at = boxes.indexOf(event.target);
    if (at < 0) return false;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: boxes.length - 1 }[event.key];
    if (to === undefined || !boxes[to]) return to !== undefined;
    boxes[at].tabIndex = -1;
    boxes[to].tabIndex = 0;
    boxes[to].focus();
    this.active[boxes[to].dataset.facet] = boxes[to].dataset.option;
    return true;
  }

  render() {
    const focused = this.root.getRootNode().activeElement;
    const name = focused && this.root.contains(focused) ? focused.dataset.focus : null;
    this.root.replaceChildren(...this.data.facets.map((facet) => this.drawFacet(facet)));
    if (name) this.root.querySelector(`[data-focus="${CSS.escape(name)}"]`)?.focus({ preventScroll: true });
  }

  drawFacet(facet) {
    const chosen = facet.options.filter((o) => this.isChosen(facet.id, o.id)).length;
    const open = this.expanded.has(facet.id);
    const shown = facet.options.filter((o, i) => open || i < SHOWN_AT_FIRST || this.isChosen(facet.id, o.id));
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
    box.checked = this.isChosen(facet.id, option.id);
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
  FACETS.get(root).update(data, setStateValue);
  return undefined;
}
