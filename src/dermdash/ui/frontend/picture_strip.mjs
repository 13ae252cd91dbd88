// Small pictures below the case: similar images and the map of a network. Its room is kept from the first case on.
import { el } from "./elements.mjs";

// In one row where there is width, else in two.
const IN_A_ROW = 9;

// What the colours of a map mean.
export function scaleLine({ text }, scale) {
  return el("span", { class: "scaleline" }, el("span", {}, text.NO_EVIDENCE), el("span", { class: "ramp", "aria-hidden": "true", "--scale": scale }), el("span", {}, text.MOST_EVIDENCE));
}

export class PictureStrip {
  // `onOpen`: a picture is to be seen beside the case, by its place.
  constructor(words, { onOpen }) {
    this.words = words;
    this.onOpen = onOpen;
    this.title = el("h3", {});
    // What keeps the room, and what stands in it.
    this.kept = el("ul", { class: "tiles kept", "aria-hidden": "true" });
    this.list = el("ul", { class: "tiles shown" });
    this.vacant = el("p", { class: "vacant" }, words.text.ASSISTANCE_PLACE);
    this.element = el("section", { class: "assist", "aria-label": words.text.ASSISTANCE }, this.title, el("div", { class: "strip" }, this.kept, this.list), this.vacant);
  }

  // `room`: how many pictures any case of this reader has.
  keepRoom(room) {
    this.element.hidden = room === 0;
    this.element.style.setProperty("--row", String(Math.min(room, IN_A_ROW)));
    this.element.style.setProperty("--half", String(Math.ceil(room / 2)));
    this.element.classList.toggle("single", room === 1);
    this.kept.replaceChildren(...Array.from({ length: room }, () => el("li", {}, el("span", { class: "tile" }, el("span", { class: "picture" }), el("span", { class: "name" })))));
  }

  // `pictures` of the open step; `expected`: whether the step is one before assistance.
  show(pictures, { expected }) {
    const count = (title) => pictures.filter((one) => one.title === title).length;
    const titles = [...new Set(pictures.map(({ title }) => title))].map((title) => (count(title) > 1 ? `${title} (${count(title)})` : title));
    this.title.textContent = titles.join(" · ") || "\u00a0";
    this.vacant.hidden = pictures.length > 0 || !expected;
    this.element.classList.toggle("none", pictures.length === 0);
    this.list.classList.toggle("alone", pictures.length === 1);
    this.list.replaceChildren(...pictures.map((one, place) => this.tile(one, place)));
    this.list.scrollLeft = 0;
  }

  tile({ source, layer, name, color, note }, place) {
    const { text } = this.words;
    const over = layer ? el("img", { class: "layer", src: layer.source, alt: "", draggable: "false" }) : null;
    if (over) over.style.opacity = String(layer.opacity);
    return el(
      "li",
      {},
      el(
        "button",
        { type: "button", class: "tile", title: text.OPEN_BESIDE, onclick: () => this.onOpen(place) },
        el("span", { class: "picture" }, el("img", { src: source, alt: "", draggable: "false" }), over),
        el("span", { class: "name" }, color ? el("i", { class: "swatch", "--c": color }) : null, el("span", {}, name)),
        el("span", { class: "note" }, note),
        layer ? scaleLine(this.words, layer.scale) : null,
      ),
    );
  }

  // Which is open beside the case; null where none is.
  markOpen(place) {
    [...this.list.querySelectorAll("button")].forEach((button, i) => button.setAttribute("aria-pressed", String(i === place)));
  }

  get images() {
    return [...this.list.querySelectorAll("img")];
  }
}
