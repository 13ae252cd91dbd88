// A lesion that stands small on the screen, large: at first as its small image, then sharp when the large one has come.
import { el, replaceImage, toolButton } from "./elements.mjs";
import { makeZoom, zoomBar } from "./zoom.mjs";
import { ZOOM_STEP } from "./zoom_geometry.mjs";

const ARROW = { BACK: "M10.5 2 12 3.5 7.5 8l4.5 4.5-1.5 1.5L4.5 8z", ON: "M5.5 2 4 3.5 8.5 8 4 12.5 5.5 14l6-6z" };
const CROSS = "M3.5 2 8 6.5 12.5 2 14 3.5 9.5 8l4.5 4.5-1.5 1.5L8 9.5 3.5 14 2 12.5 6.5 8 2 3.5z";

export class LesionDialog {
  constructor(words, { onLook }) {
    const { text } = words;
    this.words = words;
    this.onLook = onLook;
    this.image = el("img", { class: "lesion visible", alt: "", draggable: "false" });
    const { bar, show } = zoomBar(() => this.zoom, { out: text.ZOOM_OUT, in: text.ZOOM_IN, fit: text.ZOOM_FIT });
    this.mat = el("div", { class: "mat", role: "group" }, this.image, bar);
    this.zoom = makeZoom(this.mat, this.image, { onChange: show });
    this.place = el("h2", { id: "lesionplace" });
    this.turns = [toolButton(text.PREVIOUS_LESION, ARROW.BACK, () => this.turn(-1)), toolButton(text.NEXT_LESION, ARROW.ON, () => this.turn(1))];
    const close = toolButton(text.HELP_BACK, CROSS, () => this.close());
    this.dialog = el("dialog", { class: "look", "aria-labelledby": "lesionplace" }, el("header", {}, this.place, ...this.turns, close), this.mat);
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.close());
  }

  // `small`: the small images; `named`: what is said of each, else which of how many it is.
  open(lesion, small, named = null) {
    this.small = small;
    this.named = named;
    for (const button of this.turns) button.hidden = small.length < 2;
    if (!this.dialog.open) this.dialog.showModal();
    this.look(lesion);
  }

  look(lesion) {
    this.lesion = lesion;
    this.place.textContent = this.named ? this.named[lesion] : this.words.say(this.words.text.LESION_OF, { number: lesion + 1, total: this.small.length });
    this.image.alt = this.place.textContent;
    replaceImage(this.image, this.small[lesion]);
    this.zoom.reset();
    this.onLook(lesion);
  }

  turn(by) {
    this.look((this.lesion + by + this.small.length) % this.small.length);
  }

  // One that is not looked at any more comes too late.
  enlarge(lesion, source) {
    if (this.isOpen && lesion === this.lesion && source) replaceImage(this.image, source);
  }

  close() {
    if (this.dialog.open) this.dialog.close();
  }

  get isOpen() {
    return this.dialog.open;
  }

  // Keys while it is open; all of them are its own.
  press(key) {
    if (key === "ArrowRight" || key === "ArrowLeft") this.turn(key === "ArrowRight" ? 1 : -1);
    else if (key === "+" || key === "=") this.zoom.zoomBy(ZOOM_STEP);
    else if (key === "-") this.zoom.zoomBy(1 / ZOOM_STEP);
    else if (key === "0") this.zoom.reset();
  }
}
