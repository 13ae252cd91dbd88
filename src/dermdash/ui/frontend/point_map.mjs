// Any number of points on a canvas: a line drawn round some of them marks these. No WebGL, whose library needs a right
// that no page here has (eval), and which many a remote desktop lacks.
import { ICON, colorOf, el, toolButton } from "./elements.mjs";
import { received, sent } from "./messages.mjs";
import { SENDS, SHAPE } from "./names.mjs";
import { bitsOf, cornersOf, enlarged, groupsOf, markedBy, movedFrame, whole } from "./point_geometry.mjs";
import { mixedOrder, paintSquares, pixelOf, rowsByGroup, taken } from "./point_pixels.mjs";
import { PointPlaces } from "./point_places.mjs";

const MARGIN = 14;
const MOST_ENLARGED = 60;
const ZOOM_STEP = 1.4;
const PAN_STEP = 40;
const FAINT = 0.12;
const CLEAR = 0.8;
const MANY = 30000;
const LEAST_MOVE = 3;
const FRAME_STEP = 10;
const LEAST_FRAME = 10;
const KEYS = "Keys: arrows move the map, plus and minus size it, 0 shows all of it. R draws a frame: arrows move it, with Shift they size it, Enter chooses what is inside, Escape lets go.";
const COMING = "The points are on their way";
const DID_NOT_COME = "The points did not come. Load the page again.";
const PLACES_HERE = new PointPlaces();
const NO_PLACES = new Float32Array(0);
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

class PointMap {
  constructor(root) {
    this.root = root;
    this.canvas = el("canvas", { tabindex: "0", role: "application", "aria-describedby": "dd-map-keys", "aria-roledescription": "map of points" });
    this.overlay = el("canvas", { class: "line", "aria-hidden": "true" });
    this.words = el("span", { class: "words", role: "status" });
    this.keys = el("p", { class: "keys", id: "dd-map-keys" }, KEYS);
    this.frame = el("button", { type: "button", class: "mode", "aria-pressed": "false", onclick: () => this.startFrame() }, "Frame");
    this.lasso = el("button", { type: "button", class: "mode", "aria-pressed": "true", onclick: () => this.choose(true) }, "Choose");
    this.hand = el("button", { type: "button", class: "mode", "aria-pressed": "false", onclick: () => this.choose(false) }, "Move");
    this.clear = el("button", { type: "button", class: "mode", disabled: true, onclick: () => this.mark(null) }, "Choose none");
    this.legend = el("ul", { class: "legend" });
    root.replaceChildren(
      el(
        "div",
        { class: "bar" },
        el("div", { class: "modes", role: "group", "aria-label": "What the pointer and the keys do" }, this.lasso, this.hand, this.frame),
        toolButton("Smaller (minus)", ICON.MINUS, () => this.zoom(1 / ZOOM_STEP)),
        toolButton("Larger (plus)", ICON.PLUS, () => this.zoom(ZOOM_STEP)),
        toolButton("The whole map (0)", ICON.FIT, () => this.fit()),
        this.clear,
        this.words,
      ),
      el("div", { class: "sheet" }, this.canvas, this.overlay),
      this.keys,
      this.legend,
    );
    this.choosing = true;
    this.canvas.addEventListener("pointerdown", (event) => this.onDown(event));
    this.canvas.addEventListener("pointermove", (event) => this.onMove(event));
    for (const end of ["pointerup", "pointercancel"]) this.canvas.addEventListener(end, (event) => this.onUp(event));
    this.canvas.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    this.canvas.addEventListener("keydown", (event) => this.onKey(event));
    new ResizeObserver(() => this.resize()).observe(this.canvas);
  }

  update(data, setStateValue) {
    this.tell = setStateValue;
    const other = this.of !== data.of;
    this.height = data.height;
    this.root.style.setProperty("--h", `${data.height}px`);
    if (other) {
      this.of = data.of;
      this.marked = null;
      this.view = null;
      const here = PLACES_HERE.here(data.points);
      this.notHere = here ? "" : COMING;
      this.places = here || NO_PLACES;
      if (!here) this.fetch(data.points);
    }
    this.groups = groupsOf(data.groups);
    this.palette = data.palette.map((color) => colorOf(color));
    this.canvas.setAttribute("aria-label", data.label);
    this.legend.replaceChildren(
      ...data.legend.map((one) => el("li", {}, el("i", { "--c": colorOf(one.color) }), el("span", {}, one.text))),
    );
    this.arrange();
    this.say();
    this.resize();
  }

  async fetch(points) {
    const { of } = this;
    const places = await PLACES_HERE.come(points);
    if (this.of !== of) return;
    this.notHere = places ? "" : DID_NOT_COME;
    this.places = places || NO_PLACES;
    this.arrange();
    this.say();
    this.resize();
  }

  // In which order points are painted. Of a few, the rows of each group one after another, the most frequent at the
  // bottom: a colour is set once. Of many, all mixed.
  arrange() {
    this.order = [];
    if (this.notHere) return;
    const n = this.groups.length;
    if (n <= MANY) {
      const rows = rowsByGroup(this.groups, this.palette.length);
      this.order = rows.map((of, color) => ({ of, color })).sort((a, b) => b.of.length - a.of.length);
      return;
    }
    if (!this.mixed || this.mixed.of !== this.places) {
      const order = mixedOrder(n);
      this.mixed = { of: this.places, order, places: taken(this.places, order, 2) };
    }
    this.mixed.groups = taken(this.groups, this.mixed.order);
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !this.places) return;
    const ratio = window.devicePixelRatio || 1;
    for (const canvas of [this.canvas, this.overlay]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.getContext("2d").setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    if (!this.view || this.width !== width) this.view = whole(width, height, MARGIN);
    this.width = width;
    this.draw();
  }

  draw() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.paint();
    });
  }

  paint() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const context = this.canvas.getContext("2d");
    const { scale, left, top } = this.view;
    const n = this.places.length / 2;
    const usual = n <= 1000 ? 6 : n <= 8000 ? 4 : n <= MANY ? 3 : 2;
    const side = Math.min(9, usual * Math.sqrt(Math.max(1, scale / Math.min(width, height))));
    if (n > MANY) {
      this.paintPixels(context, side);
      return;
    }
    context.clearRect(0, 0, width, height);
    for (const faint of this.marked ? [true, false] : [false]) {
      context.globalAlpha = faint ? FAINT : CLEAR;
      for (const { of, color } of this.order) {
        context.fillStyle = this.palette[color];
        for (const i of of) {
          if (this.marked && !this.marked[i] !== faint) continue;
          const x = left + scale * this.places[2 * i];
          const y = top + scale * this.places[2 * i + 1];
          if (x > -side && y > -side && x < width + side && y < height + side) context.fillRect(x - side / 2, y - side / 2, side, side);
        }
      }
    }
    context.globalAlpha = 1;
  }

  paintPixels(context, side) {
    const { width, height } = this.canvas;
    if (!width || !height) return;
    const ratio = window.devicePixelRatio || 1;
    const { scale, left, top } = this.view;
    const view = { scale: scale * ratio, left: left * ratio, top: top * ratio };
    const image = context.createImageData(width, height);
    const onto = { pixels: new Uint32Array(image.data.buffer), width, height };
    const { order, places, groups } = this.mixed;
    for (const faint of this.marked ? [true, false] : [false]) {
      const wanted = this.marked && ((i) => !this.marked[order[i]] === faint);
      const colors = Uint32Array.from(this.palette, (color) => pixelOf(color, faint ? FAINT : CLEAR));
      paintSquares(onto, places, groups, colors, view, Math.max(1, Math.round(side * ratio)), wanted);
    }
    context.putImageData(image, 0, 0);
  }

  drawLine() {
    const context = this.overlay.getContext("2d");
    context.clearRect(0, 0, this.overlay.clientWidth, this.overlay.clientHeight);
    const line = this.box ? cornersOf(this.box) : this.line;
    if (!line || line.length < 2) return;
    context.strokeStyle = getComputedStyle(this.root).getPropertyValue("--accent") || "#0f6b75";
    context.lineWidth = 2;
    context.setLineDash([5, 4]);
    context.beginPath();
    for (const [x, y] of line) context.lineTo(x, y);
    context.closePath();
    context.stroke();
  }

  choose(choosing) {
    this.choosing = choosing;
    this.lasso.setAttribute("aria-pressed", String(choosing));
    this.hand.setAttribute("aria-pressed", String(!choosing));
    this.canvas.classList.toggle("moving", !choosing);
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  // A frame in pixels of the sheet, for who chooses with the keys.
  startFrame() {
    if (this.box) {
      this.endFrame();
      return;
    }
    const { clientWidth: width, clientHeight: height } = this.canvas;
    this.box = [width / 3, height / 3, width / 3, height / 3];
    this.frame.setAttribute("aria-pressed", "true");
    this.canvas.focus();
    this.showFrame();
  }

  endFrame() {
    this.box = null;
    this.frame.setAttribute("aria-pressed", "false");
    this.drawLine();
    this.say();
  }

  inFrame() {
    const { scale, left, top } = this.view;
    return markedBy(this.places, cornersOf(this.box).map(([x, y]) => [(x - left) / scale, (y - top) / scale]));
  }

  showFrame() {
    const n = this.inFrame().reduce((sum, one) => sum + one, 0);
    this.words.textContent = `${n.toLocaleString("en")} in the frame; Enter chooses`;
    this.drawLine();
  }

  onFrameKey(event) {
    if (event.key === "Escape") this.endFrame();
    else if (event.key === "Enter") {
      const marked = this.inFrame();
      this.endFrame();
      this.mark(marked);
    } else if (event.key in ARROWS) {
      const { clientWidth: width, clientHeight: height } = this.canvas;
      this.box = movedFrame(this.box, ARROWS[event.key], event.shiftKey, FRAME_STEP, LEAST_FRAME, width, height);
      this.showFrame();
    } else return false;
    return true;
  }

  onDown(event) {
    if (event.button !== 0) return;
    if (this.box) this.endFrame();
    const at = this.place(event);
    this.drag = { id: event.pointerId, at, view: this.view };
    this.line = this.choosing ? [at] : null;
    this.canvas.setPointerCapture(event.pointerId);
  }

  onMove(event) {
    if (!this.drag || event.pointerId !== this.drag.id) return;
    const [x, y] = this.place(event);
    if (this.line) {
      const [lastX, lastY] = this.line[this.line.length - 1];
      if (Math.hypot(x - lastX, y - lastY) < LEAST_MOVE) return;
      this.line.push([x, y]);
      this.drawLine();
      return;
    }
    const { at, view } = this.drag;
    this.view = { ...view, left: view.left + x - at[0], top: view.top + y - at[1] };
    this.draw();
  }

  onUp(event) {
    if (!this.drag || event.pointerId !== this.drag.id) return;
    this.drag = null;
    const line = this.line;
    this.line = null;
    this.drawLine();
    if (event.type === "pointercancel" || !line || line.length < 3) return;
    const { scale, left, top } = this.view;
    this.mark(markedBy(this.places, line.map(([x, y]) => [(x - left) / scale, (y - top) / scale])));
  }

  onWheel(event) {
    // The page scrolls as usual; with Ctrl, or two fingers that spread, the map is enlarged.
    if (!event.ctrlKey) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 200), ...this.place(event));
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.box && this.onFrameKey(event)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (event.key in ARROWS) {
      const [dx, dy] = ARROWS[event.key];
      this.view = { ...this.view, left: this.view.left - PAN_STEP * dx, top: this.view.top - PAN_STEP * dy };
      this.draw();
    } else if (event.key === "r" || event.key === "R") this.startFrame();
    else if (event.key === "+" || event.key === "=") this.zoom(ZOOM_STEP);
    else if (event.key === "-") this.zoom(1 / ZOOM_STEP);
    else if (event.key === "0") this.fit();
    else if (event.key === "Escape") this.mark(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  zoom(by, x = this.canvas.clientWidth / 2, y = this.canvas.clientHeight / 2) {
    const least = whole(this.canvas.clientWidth, this.canvas.clientHeight, MARGIN).scale;
    this.view = enlarged(this.view, by, x, y, least / 2, least * MOST_ENLARGED);
    this.draw();
    if (this.box) this.showFrame();
  }

  fit() {
    this.view = whole(this.canvas.clientWidth, this.canvas.clientHeight, MARGIN);
    this.draw();
    if (this.box) this.showFrame();
  }

  mark(marked) {
    const any = marked !== null && marked.includes(1);
    this.marked = any ? marked : null;
    this.say();
    this.draw();
    const chosen = any ? bitsOf(marked) : "";
    if (chosen === this.told) return;
    this.told = chosen;
    this.tell(SENDS.LASSO, sent(SHAPE.LASSO, { of: this.of, chosen }));
  }

  say() {
    const n = this.marked ? this.marked.reduce((sum, one) => sum + one, 0) : 0;
    this.clear.disabled = !n;
    this.words.textContent = n ? `${n.toLocaleString("en")} chosen` : this.notHere;
  }
}

const MAPS = new WeakMap();

export default function mount({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".point-map");
  if (!root || !data) return undefined;
  if (!MAPS.has(root)) MAPS.set(root, new PointMap(root));
  MAPS.get(root).update(received(SHAPE.POINT_MAP, data), setStateValue);
  return undefined;
}
