// A square over an image, dragged or moved by keys; its centre and side are told to the server once it rests.
import { dataImage, el, svg } from "./elements.mjs";

const SMALLEST = 0.1;
const REST_MS = 450;

class CropPicker {
  constructor(root) {
    this.root = root;
    this.crop = { x: 0.5, y: 0.5, share: 0.8 };
    this.image = el("img", { alt: "", draggable: "false" });
    this.corners = ["nw", "ne", "sw", "se"].map((c) => el("i", { class: `corner ${c}`, "data-corner": c }));
    this.square = el("div", { class: "square" }, this.corners);
    this.frame = el("div", { class: "frame", tabindex: "0", role: "group" }, this.image, this.square);
    const tool = (label, path, action) =>
      el("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick: action }, svg(path));
    this.words = el("span", { class: "words", role: "status" });
    root.replaceChildren(
      el(
        "div",
        { class: "picker" },
        el("div", { class: "mat" }, this.frame),
        el(
          "div",
          { class: "cropbar" },
          tool("Smaller square (minus)", "M2 7h12v2H2z", () => this.change({ share: this.crop.share - 0.05 })),
          tool("Larger square (plus)", "M7 2h2v5h5v2H9v5H7V9H2V7h5z", () => this.change({ share: this.crop.share + 0.05 })),
          tool("Back to the centre (0)", "M2 2h5v2H4v3H2zm7 0h5v5h-2V4H9zM2 9h2v3h3v2H2zm10 0h2v5H9v-2h3z", () => this.reset()),
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
    this.width = data.width;
    this.height = data.height;
    this.image.src = dataImage(data.image);
    this.image.alt = data.label;
    this.frame.setAttribute(
      "aria-label",
      `${data.label}. Arrow keys move the square, with Shift further; plus and minus change its size; zero centres it.`,
    );
    this.root.style.setProperty("--w", data.width);
    this.root.style.setProperty("--h", data.height);
    this.crop = { ...data.crop };
    this.draw();
  }

  // Side of the square as a share of the picture's width and of its height.
  sides() {
    const shorter = Math.min(this.width, this.height);
    return [(this.crop.share * shorter) / this.width, (this.crop.share * shorter) / this.height];
  }

  change(values) {
    const clamp = (v, low, high) => Math.min(high, Math.max(low, v));
    this.crop = { ...this.crop, ...values };
    this.crop.share = clamp(this.crop.share, SMALLEST, 1);
    const [w, h] = this.sides();
    this.crop.x = clamp(this.crop.x, w / 2, 1 - w / 2);
    this.crop.y = clamp(this.crop.y, h / 2, 1 - h / 2);
    this.draw();
    this.rest();
  }

  reset() {
    this.change({ x: 0.5, y: 0.5, share: 0.8 });
  }

  rest() {
    clearTimeout(this.timer);
    if (this.drag) return;
    this.timer = setTimeout(() => {
      const rounded = Object.fromEntries(Object.entries(this.crop).map(([k, v]) => [k, Math.round(v * 1e4) / 1e4]));
      const told = JSON.stringify(rounded);
      if (told !== this.told) this.tell("crop", rounded);
      this.told = told;
    }, REST_MS);
  }

  draw() {
    const [w, h] = this.sides();
    const style = this.square.style;
    style.left = `${100 * (this.crop.x - w / 2)}%`;
    style.top = `${100 * (this.crop.y - h / 2)}%`;
    style.width = `${100 * w}%`;
    style.height = `${100 * h}%`;
    const side = Math.round(this.crop.share * Math.min(this.width, this.height));
    this.words.textContent = `${side} × ${side} px of ${this.width} × ${this.height}`;
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 0.1 : 0.02;
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key in moves) {
      const [dx, dy] = moves[event.key];
      this.change({ x: this.crop.x + dx * step, y: this.crop.y + dy * step });
    } else if (event.key === "+" || event.key === "=") this.change({ share: this.crop.share + 0.05 });
    else if (event.key === "-") this.change({ share: this.crop.share - 0.05 });
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
    if (!corner) {
      this.change({ x: crop.x + at.x - this.drag.at.x, y: crop.y + at.y - this.drag.at.y });
      return;
    }
    // The corner across stays where it is.
    const shorter = Math.min(this.width, this.height);
    const [sx, sy] = [corner.endsWith("e") ? 1 : -1, corner.startsWith("s") ? 1 : -1];
    const half = (crop.share * shorter) / 2;
    const fixed = { x: crop.x * this.width - sx * half, y: crop.y * this.height - sy * half };
    const reach = Math.max(sx * (at.x * this.width - fixed.x), sy * (at.y * this.height - fixed.y));
    const room = Math.min(sx > 0 ? this.width - fixed.x : fixed.x, sy > 0 ? this.height - fixed.y : fixed.y);
    const side = Math.min(Math.max(reach, SMALLEST * shorter), room);
    this.change({ share: side / shorter, x: (fixed.x + (sx * side) / 2) / this.width, y: (fixed.y + (sy * side) / 2) / this.height });
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
  PICKERS.get(root).update(data, setStateValue);
  return undefined;
}
