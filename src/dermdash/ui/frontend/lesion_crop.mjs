// A square over an image, dragged or moved by keys; its centre and side are told to the server once it rests.
import { heldOn, resizedBy, rounded, sidesOf } from "./crop_geometry.mjs";
import { ICON, dataImage, el, toolButton } from "./elements.mjs";
import { received, sent } from "./messages.mjs";
import { SENDS, SHAPE } from "./names.mjs";

const REST_MS = 450;
const SIZE_STEP = 0.05;
const MOVE_STEP = 0.02;
const LONG_MOVE_STEP = 0.1;

class CropPicker {
  constructor(root) {
    this.root = root;
    this.image = el("img", { alt: "", draggable: "false" });
    this.corners = ["nw", "ne", "sw", "se"].map((c) => el("i", { class: `corner ${c}`, "data-corner": c }));
    this.square = el("div", { class: "square" }, this.corners);
    this.frame = el("div", { class: "frame", tabindex: "0", role: "group" }, this.image, this.square);
    this.words = el("span", { class: "words", role: "status" });
    root.replaceChildren(
      el(
        "div",
        { class: "picker" },
        el("div", { class: "mat" }, this.frame),
        el(
          "div",
          { class: "cropbar" },
          toolButton("Smaller square (minus)", ICON.MINUS, () => this.resize(-SIZE_STEP)),
          toolButton("Larger square (plus)", ICON.PLUS, () => this.resize(SIZE_STEP)),
          toolButton("Back to the centre (0)", ICON.FIT, () => this.reset()),
          this.words,
        ),
      ),
    );
    this.frame.addEventListener("keydown", (event) => this.onKey(event));
    this.frame.addEventListener("pointerdown", (event) => this.onDown(event));
    this.frame.addEventListener("pointermove", (event) => this.onMove(event));
    for (const end of ["pointerup", "pointercancel"]) this.frame.addEventListener(end, (event) => this.onUp(event));
  }

  update(data, setStateValue) {
    this.tell = setStateValue;
    if (this.source === data.image) return;
    this.source = data.image;
    this.size = { width: data.width, height: data.height };
    this.smallest = data.smallest;
    this.image.src = dataImage(data.image);
    this.image.alt = data.label;
    this.frame.setAttribute(
      "aria-label",
      `${data.label}. Arrow keys move the square, with Shift further; plus and minus change its size; zero centres it.`,
    );
    this.root.style.setProperty("--w", data.width);
    this.root.style.setProperty("--h", data.height);
    this.first = { ...data.crop };
    this.crop = this.first;
    this.draw();
  }

  change(values) {
    this.crop = heldOn({ ...this.crop, ...values }, this.size, this.smallest);
    this.draw();
    this.rest();
  }

  resize(by) {
    this.change({ share: this.crop.share + by });
  }

  reset() {
    this.change(this.first);
  }

  rest() {
    clearTimeout(this.timer);
    if (this.drag) return;
    this.timer = setTimeout(() => {
      const crop = sent(SHAPE.CROP, rounded(this.crop));
      const told = JSON.stringify(crop);
      if (told !== this.told) this.tell(SENDS.CROP, crop);
      this.told = told;
    }, REST_MS);
  }

  draw() {
    const { width, height } = this.size;
    const [w, h] = sidesOf(this.crop, this.size);
    const style = this.square.style;
    style.left = `${100 * (this.crop.x - w / 2)}%`;
    style.top = `${100 * (this.crop.y - h / 2)}%`;
    style.width = `${100 * w}%`;
    style.height = `${100 * h}%`;
    const side = Math.round(this.crop.share * Math.min(width, height));
    this.words.textContent = `${side} × ${side} px of ${width} × ${height}`;
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? LONG_MOVE_STEP : MOVE_STEP;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key in moves) {
      const [dx, dy] = moves[event.key];
      this.change({ x: this.crop.x + dx * step, y: this.crop.y + dy * step });
    } else if (event.key === "+" || event.key === "=") this.resize(SIZE_STEP);
    else if (event.key === "-") this.resize(-SIZE_STEP);
    else if (event.key === "0") this.reset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  place(event) {
    const box = this.frame.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  }

  onDown(event) {
    if (event.button !== 0) return;
    const at = this.place(event);
    const corner = event.target.dataset ? event.target.dataset.corner : null;
    if (!corner && !this.square.contains(event.target)) this.change({ x: at.x, y: at.y });
    this.drag = { corner, at, crop: { ...this.crop }, id: event.pointerId };
    this.frame.setPointerCapture(event.pointerId);
    this.frame.classList.add("dragging");
  }

  onMove(event) {
    if (!this.drag || event.pointerId !== this.drag.id) return;
    const at = this.place(event);
    const { crop, corner } = this.drag;
    if (corner) this.change(resizedBy(corner, crop, at, this.size, this.smallest));
    else this.change({ x: crop.x + at.x - this.drag.at.x, y: crop.y + at.y - this.drag.at.y });
  }

  onUp(event) {
    if (!this.drag || event.pointerId !== this.drag.id) return;
    this.drag = null;
    this.frame.classList.remove("dragging");
    this.rest();
  }
}

const PICKERS = new WeakMap();

export default function mount({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".lesion-crop");
  if (!root || !data) return undefined;
  if (!PICKERS.has(root)) PICKERS.set(root, new CropPicker(root));
  PICKERS.get(root).update(received(SHAPE.CROP_PICKER, data), setStateValue);
  return undefined;
}
