// One image with zoom and, where there are any, its mask as outline or translucent fill and a saliency map above it.
import { dataImage, el } from "./elements.mjs";
import { MASK, paintMask, paintNothing } from "./lesion_mask.mjs";
import { received } from "./messages.mjs";
import { SHAPE } from "./names.mjs";
import { makeZoom, zoomBar } from "./zoom.mjs";
import { ZOOM_STEP } from "./zoom_geometry.mjs";

const NEXT_MODE = { [MASK.OFF]: MASK.OUTLINE, [MASK.OUTLINE]: MASK.FILL, [MASK.FILL]: MASK.OFF };

async function loadImage(source) {
  const image = new Image();
  image.src = source;
  await image.decode();
  return image;
}

// Viewers that are on the page, to find those that move together.
const SHOWN = new Set();

class Viewer {
  constructor(root) {
    SHOWN.add(this);
    this.together = null;
    this.mode = MASK.OUTLINE;
    this.opacity = 0.4;
    this.image = el("img", { alt: "", draggable: "false" });
    this.canvas = el("canvas", { "aria-hidden": "true" });
    this.heat = el("img", { alt: "", class: "heat", draggable: "false", "aria-hidden": "true", hidden: true });
    this.stage = el("div", { class: "stage" }, this.image, this.heat, this.canvas);
    const { bar, show } = zoomBar(() => this.zoom);
    this.mat = el("div", { class: "mat", tabindex: "0", role: "group" }, this.stage, bar);
    this.zoom = makeZoom(this.mat, this.stage, { onChange: show, onMove: (place) => this.moved(place) });
    this.modes = el(
      "div",
      { class: "segments", role: "group", "aria-label": "Lesion mask" },
      [[MASK.OFF, "No mask"], [MASK.OUTLINE, "Outline"], [MASK.FILL, "Fill"]].map(([mode, text]) =>
        el("button", { type: "button", "data-mode": mode, onclick: () => this.setMode(mode) }, text),
      ),
    );
    const range = el("input", { type: "range", min: "10", max: "90", step: "5", value: "40" });
    range.addEventListener("input", () => {
      this.opacity = Number(range.value) / 100;
      this.drawMask();
    });
    this.opacityLabel = el("label", {}, "Opacity", range);
    this.heatButton = el("button", { type: "button", class: "toggle", onclick: () => this.setHeat(!this.heatOn) }, "Saliency map");
    this.heatRange = el("input", { type: "range", min: "10", max: "100", step: "5" });
    this.heatRange.addEventListener("input", () => this.drawHeat());
    this.heatControls = el(
      "span",
      { class: "heatcontrols" },
      el("label", {}, "Opacity", this.heatRange),
      el("span", { class: "scale" }, "none", el("i", { "aria-hidden": "true" }), "strongest"),
    );
    this.size = el("span", { class: "size" });
    this.root = root;
    root.replaceChildren(
      el(
        "div",
        { class: "viewer" },
        this.mat,
        el("div", { class: "controls" }, this.modes, this.opacityLabel, this.heatButton, this.heatControls, this.size),
      ),
    );
    this.mat.addEventListener("keydown", (event) => this.onKey(event));
  }

  // The others of its word go where this one went; what has left the page is forgotten.
  moved(place) {
    if (!this.together) return;
    for (const other of SHOWN) {
      if (!other.root.isConnected) SHOWN.delete(other);
      else if (other !== this && other.together === this.together) other.zoom.follow(place);
    }
  }

  async update(data) {
    this.together = data.together ?? null;
    this.root.style.setProperty("--height", `${data.height}px`);
    this.mat.setAttribute("aria-label", `${data.label}. Plus and minus zoom, zero fits, arrow keys move, M switches the mask, S the saliency map.`);
    this.image.alt = data.label;
    if (this.source !== data.image) {
      this.source = data.image;
      this.image.src = dataImage(data.image);
      this.zoom.reset();
      this.image.decode().then(
        () => (this.size.textContent = `${this.image.naturalWidth} × ${this.image.naturalHeight} px`),
        () => (this.size.textContent = "This image cannot be shown"),
      );
    }
    if (this.maskSource !== data.mask) {
      this.maskSource = data.mask;
      try {
        this.mask = data.mask ? await loadImage(dataImage(data.mask)) : null;
      } catch {
        this.mask = null;
      }
    }
    this.drawMask();
    if (this.heatSource !== data.heat) {
      this.heatSource = data.heat;
      this.heat.src = dataImage(data.heat);
      this.heatRange.value = String(Math.round(100 * (data.heat_opacity ?? 0.6)));
      this.heatOn = Boolean(data.heat && data.heat_on);
      this.root.style.setProperty("--scale", data.heat_scale || "none");
    }
    this.drawHeat();
  }

  setHeat(on) {
    this.heatOn = on;
    this.drawHeat();
  }

  drawHeat() {
    this.heatButton.hidden = !this.heatSource;
    this.heatButton.setAttribute("aria-pressed", String(Boolean(this.heatOn)));
    this.heatControls.hidden = !this.heatSource || !this.heatOn;
    this.heat.hidden = !this.heatSource || !this.heatOn;
    this.heat.style.opacity = Number(this.heatRange.value) / 100;
  }

  setMode(mode) {
    this.mode = mode;
    this.drawMask();
  }

  drawMask() {
    this.modes.hidden = !this.mask;
    this.opacityLabel.hidden = !this.mask || this.mode !== MASK.FILL;
    for (const b of this.modes.children) b.setAttribute("aria-pressed", String(b.dataset.mode === this.mode));
    this.canvas.style.opacity = this.mode === MASK.FILL ? this.opacity : 1;
    const drawn = `${this.mode}|${this.mask ? this.maskSource.length : 0}`;
    if (!this.mask) paintNothing(this.canvas);
    else if (drawn !== this.drawn || this.paintedMask !== this.mask) paintMask(this.canvas, this.mask, this.mode);
    this.drawn = drawn;
    this.paintedMask = this.mask;
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    if (event.key === "+" || event.key === "=") this.zoom.zoomBy(ZOOM_STEP);
    else if (event.key === "-") this.zoom.zoomBy(1 / ZOOM_STEP);
    else if (event.key === "0") this.zoom.reset();
    else if (event.key.toLowerCase() === "m" && this.mask)
      this.setMode(NEXT_MODE[this.mode]);
    else if (event.key.toLowerCase() === "s" && this.heatSource) this.setHeat(!this.heatOn);
    else if (event.key in moves && this.zoom.scale > 1) this.zoom.panBy(...moves[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

const VIEWERS = new WeakMap();

export default function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".image-viewer");
  if (!root || !data) return undefined;
  if (!VIEWERS.has(root)) VIEWERS.set(root, new Viewer(root));
  VIEWERS.get(root).update(received(SHAPE.VIEWER, data));
  return undefined;
}
