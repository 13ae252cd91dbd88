// One image with zoom and, where there are any, its mask as outline or translucent fill and a saliency map above it.
import { dataImage, el, svg } from "./elements.mjs";
import { makeZoom } from "./zoom.mjs";

const FILL = [0, 184, 217];

async function loadImage(source) {
  const image = new Image();
  image.src = source;
  await image.decode();
  return image;
}

// Turn a white-on-black mask into an outline (white between dark edges, visible on any skin) or a fill.
function paintMask(canvas, mask, mode) {
  const width = (canvas.width = mask.naturalWidth);
  const height = (canvas.height = mask.naturalHeight);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.clearRect(0, 0, width, height);
  if (mode === "off") return;
  context.drawImage(mask, 0, 0);
  const pixels = context.getImageData(0, 0, width, height);
  const inside = new Uint8Array(width * height);
  for (let i = 0; i < inside.length; i += 1) inside[i] = pixels.data[4 * i] > 127 && pixels.data[4 * i + 3] > 127 ? 1 : 0;
  const out = context.createImageData(width, height);
  const put = (i, r, g, b) => {
    out.data[4 * i] = r;
    out.data[4 * i + 1] = g;
    out.data[4 * i + 2] = b;
    out.data[4 * i + 3] = 255;
  };
  if (mode === "fill") {
    for (let i = 0; i < inside.length; i += 1) if (inside[i]) put(i, ...FILL);
  } else {
    const edge = [];
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) {
        const i = y * width + x;
        if (!inside[i]) continue;
        const border = x === 0 || y === 0 || x === width - 1 || y === height - 1;
        if (border || !inside[i - 1] || !inside[i + 1] || !inside[i - width] || !inside[i + width]) edge.push([x, y]);
      }
    const thick = Math.max(1, Math.round(width / 500));
    for (const [reach, tone] of [[2 * thick, 16], [thick, 255]])
      for (const [x, y] of edge)
        for (let dy = -reach; dy <= reach; dy += 1)
          for (let dx = -reach; dx <= reach; dx += 1) {
            const px = x + dx;
            const py = y + dy;
            if (px >= 0 && py >= 0 && px < width && py < height && dx * dx + dy * dy <= reach * reach) put(py * width + px, tone, tone, tone);
          }
  }
  context.putImageData(out, 0, 0);
}

class Viewer {
  constructor(root) {
    this.mode = "outline";
    this.opacity = 0.4;
    this.image = el("img", { alt: "", draggable: "false" });
    this.canvas = el("canvas", { "aria-hidden": "true" });
    this.heat = el("img", { alt: "", class: "heat", draggable: "false", "aria-hidden": "true", hidden: true });
    this.stage = el("div", { class: "stage" }, this.image, this.heat, this.canvas);
    this.zoomText = el("span", { class: "zoomtext" }, "100\u00a0%");
    const tool = (label, path, action) =>
      el("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick: action }, svg(path));
    this.mat = el(
      "div",
      { class: "mat", tabindex: "0", role: "group" },
      this.stage,
      el(
        "div",
        { class: "zoombar" },
        tool("Zoom out (minus)", "M2 7h12v2H2z", () => this.zoom.zoomBy(1 / 1.5)),
        this.zoomText,
        tool("Zoom in (plus)", "M7 2h2v5h5v2H9v5H7V9H2V7h5z", () => this.zoom.zoomBy(1.5)),
        tool("Fit the image (0)", "M2 2h5v2H4v3H2zm7 0h5v5h-2V4H9zM2 9h2v3h3v2H2zm10 0h2v5H9v-2h3z", () => this.zoom.reset()),
      ),
    );
    this.zoom = makeZoom(this.mat, this.stage, { onChange: (s) => (this.zoomText.textContent = `${Math.round(s * 100)}\u00a0%`) });
    this.modes = el(
      "div",
      { class: "segments", role: "group", "aria-label": "Lesion mask" },
      [["off", "No mask"], ["outline", "Outline"], ["fill", "Fill"]].map(([mode, text]) =>
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

  async update(data) {
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
    this.opacityLabel.hidden = !this.mask || this.mode !== "fill";
    for (const b of this.modes.children) b.setAttribute("aria-pressed", String(b.dataset.mode === this.mode));
    this.canvas.style.opacity = this.mode === "fill" ? this.opacity : 1;
    const drawn = `${this.mode}|${this.mask ? this.maskSource.length : 0}`;
    if (!this.mask) paintNothing(this.canvas);
    else if (drawn !== this.drawn || this.paintedMask !== this.mask) paintMask(this.canvas, this.mask, this.mode);
    this.drawn = drawn;
    this.paintedMask = this.mask;
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    if (event.key === "+" || event.key === "=") this.zoom.zoomBy(1.5);
    else if (event.key === "-") this.zoom.zoomBy(1 / 1.5);
    else if (event.key === "0") this.zoom.reset();
    else if (event.key.toLowerCase() === "m" && this.mask)
      this.setMode({ off: "outline", outline: "fill", fill: "off" }[this.mode]);
    else if (event.key.toLowerCase() === "s" && this.heatSource) this.setHeat(!this.heatOn);
    else if (event.key in moves && this.zoom.scale > 1) this.zoom.panBy(...moves[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function paintNothing(canvas) {
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
}

const VIEWERS = new WeakMap();

export default function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".image-viewer");
  if (!root || !data) return undefined;
  if (!VIEWERS.has(root)) VIEWERS.set(root, new Viewer(root));
  VIEWERS.get(root).update(data);
  return undefined;
}
