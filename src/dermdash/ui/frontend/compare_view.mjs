// A picture of the assistance beside the case, as large as that: both are enlarged and moved as one.
import { el, replaceImage, toolButton } from "./elements.mjs";
import { scaleLine } from "./picture_strip.mjs";
import { makeZoom } from "./zoom.mjs";

const BACK = "M10.5 2 12 3.5 7.5 8l4.5 4.5-1.5 1.5L4.5 8z";
const ON = "M5.5 2 4 3.5 8.5 8 4 12.5 5.5 14l6-6z";
const CROSS = "M3.5 2 8 6.5 12.5 2 14 3.5 9.5 8l4.5 4.5-1.5 1.5L8 9.5 3.5 14 2 12.5 6.5 8 2 3.5z";

export class CompareView {
  // `partner`: the zoom of the case; `onLook`: what a small picture is part of is wanted large; `onChange`: another one
  // is open, by its place, or none (null).
  constructor(words, { partner, onLook, onChange }) {
    const { text } = words;
    Object.assign(this, { words, partner, onLook, onChange, pictures: [], place: null });
    this.image = el("img", { class: "lesion visible", alt: "", draggable: "false" });
    this.layer = el("img", { class: "lesion visible", alt: "", draggable: "false" });
    this.content = el("div", { class: "stack" }, this.image, this.layer);
    this.name = el("p", { class: "lookname", "aria-live": "polite" });
    this.turns = [toolButton(text.PREVIOUS_PICTURE, BACK, () => this.turn(-1)), toolButton(text.NEXT_PICTURE, ON, () => this.turn(1))];
    const close = toolButton(text.CLOSE_PICTURE, CROSS, () => this.close());
    this.legend = el("div", { class: "legend" });
    this.element = el("div", { class: "mat compared", role: "group", "aria-label": text.OPEN_BESIDE, hidden: true }, this.content, el("div", { class: "lookbar" }, this.name, ...this.turns, close), this.legend);
    this.zoom = makeZoom(this.element, this.content, { onChange: () => {}, onMove: (place) => this.isOpen && this.partner.follow(place) });
  }

  get isOpen() {
    return this.place !== null;
  }

  // The pictures of another step: what was open is closed.
  bring(pictures) {
    this.pictures = pictures;
    if (this.isOpen) this.close();
  }

  open(place) {
    const one = this.pictures[place];
    if (!one) return;
    this.place = place;
    const { text } = this.words;
    replaceImage(this.image, one.source);
    this.layer.hidden = !one.layer;
    if (one.layer) replaceImage(this.layer, one.layer.source);
    this.drawLegend(one);
    const named = this.words.say(text.BESIDE_OF, { name: one.name, number: place + 1, total: this.pictures.length });
    this.name.replaceChildren(one.color ? el("i", { class: "swatch", "--c": one.color }) : "", el("span", {}, one.look ? `${named}, ${one.note}` : one.name));
    for (const button of this.turns) button.hidden = this.pictures.length < 2;
    this.element.hidden = false;
    this.onChange(place);
    this.partner.apply();
    this.follow(this.partner.place);
    if (one.look) this.onLook(one.look);
  }

  drawLegend({ layer, note }) {
    const { text } = this.words;
    this.legend.hidden = !layer;
    if (!layer) return;
    const shown = el("input", { type: "checkbox", checked: true });
    const strength = el("input", { type: "range", min: "0", max: "100", value: String(Math.round(layer.opacity * 100)), "aria-label": text.SALIENCY_OPACITY });
    const drawn = () => {
      this.layer.style.opacity = shown.checked ? strength.value / 100 : 0;
      strength.disabled = !shown.checked;
    };
    shown.addEventListener("change", drawn);
    strength.addEventListener("input", drawn);
    drawn();
    this.legend.replaceChildren(
      el("p", {}, note),
      scaleLine(this.words, layer.scale),
      el("label", { class: "switch" }, shown, el("span", {}, text.SALIENCY_SHOWN)),
      el("label", { class: "strength" }, el("span", {}, text.SALIENCY_OPACITY), strength),
    );
  }

  turn(by) {
    if (this.isOpen) this.open((this.place + by + this.pictures.length) % this.pictures.length);
  }

  // The case lies there now: what is beside it, too.
  follow(place) {
    if (this.isOpen) this.zoom.follow(place);
  }

  // The large picture of what was asked for has come; one that is not looked at any more comes too late.
  enlarge(of, number, source) {
    const look = this.isOpen ? this.pictures[this.place].look : null;
    if (look && look.of === of && look.number === number && source) replaceImage(this.image, source);
  }

  close() {
    if (!this.isOpen) return;
    this.place = null;
    this.element.hidden = true;
    this.zoom.reset();
    this.onChange(null);
    this.partner.apply();
  }
}
