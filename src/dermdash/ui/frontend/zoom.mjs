// Zoom and pan of one element inside a viewport: wheel, pinch, drag, double click, and zoomBy/reset for keys.
// The picture is moved and scaled, never recoloured or resampled into a new image.
import { ICON, el, toolButton } from "./elements.mjs";
import { FITTED, ZOOM_STEP, heldInside, pannedBy, pinchOf, wheelFactor, zoomedAt } from "./zoom_geometry.mjs";

const MAXIMUM = 12;

// `mayPan`: whether one pointer moves the picture now; two always do, and the wheel zooms.
// `onMove` hears of what a person does, with where the picture lies in shares of the viewport, which `follow` takes.
export function makeZoom(viewport, content, { onChange, mayPan = () => true, onMove = () => {} }) {
  let view = FITTED;
  const pointers = new Map();
  let pinch = null;
  let last = null;

  function apply() {
    view = heldInside(view, { width: viewport.clientWidth, height: viewport.clientHeight });
    const { scale, x, y } = view;
    content.style.transform = scale === 1 ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
    // A picture at rest leaves vertical swipes to the page; an enlarged one takes them for panning.
    viewport.style.touchAction = scale === 1 && mayPan() ? "pan-y" : "none";
    viewport.classList.toggle("zoomed", scale > 1);
    onChange(scale);
  }

  // What is not laid out has no width.
  const place = () => ({ scale: view.scale, x: view.x / viewport.clientWidth || 0, y: view.y / viewport.clientHeight || 0 });

  function show(next) {
    view = next;
    apply();
    onMove(place());
  }

  function follow({ scale, x, y }) {
    view = { scale, x: x * viewport.clientWidth, y: y * viewport.clientHeight };
    apply();
  }

  function zoomAt(factor, clientX, clientY) {
    const box = viewport.getBoundingClientRect();
    const at = { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 };
    show(zoomedAt(view, factor, at, MAXIMUM));
  }

  const zoomBy = (factor) => show(zoomedAt(view, factor, { x: 0, y: 0 }, MAXIMUM));
  const reset = () => show(FITTED);
  const panBy = (dx, dy) => show(pannedBy(view, dx, dy));

  viewport.addEventListener(
    "wheel",
    (event) => {
      if (event.ctrlKey || event.deltaY !== 0) {
        event.preventDefault();
        zoomAt(wheelFactor(event), event.clientX, event.clientY);
      }
    },
    { passive: false },
  );
  viewport.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button, input, a")) return;
    pointers.set(event.pointerId, event);
    if (pointers.size === 2) pinch = pinchOf(...pointers.values()).distance;
    last = { x: event.clientX, y: event.clientY };
    if ((view.scale > 1 && mayPan()) || pointers.size === 2) viewport.setPointerCapture(event.pointerId);
  });
  viewport.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId)) return;
    pointers.set(event.pointerId, event);
    if (pointers.size === 2) {
      const now = pinchOf(...pointers.values());
      if (pinch) zoomAt(now.distance / pinch, now.x, now.y);
      pinch = now.distance;
    } else if (view.scale > 1 && last && mayPan()) {
      panBy(event.clientX - last.x, event.clientY - last.y);
      last = { x: event.clientX, y: event.clientY };
    }
  });
  const release = (event) => {
    pointers.delete(event.pointerId);
    if (pointers.size < 2) pinch = null;
    const [rest] = pointers.values();
    last = rest ? { x: rest.clientX, y: rest.clientY } : null;
  };
  viewport.addEventListener("pointerup", release);
  viewport.addEventListener("pointercancel", release);
  viewport.addEventListener("dblclick", (event) => {
    if (event.target.closest("button, input, a") || !mayPan()) return;
    if (view.scale > 1) reset();
    else zoomAt(2.5, event.clientX, event.clientY);
  });
  apply();
  return { zoomBy, reset, panBy, apply, follow, get place() { return place(); }, get scale() { return view.scale; } };
}

const ZOOM_WORDS = { out: "Zoom out (minus)", in: "Zoom in (plus)", fit: "Fit the image (0)" };

// Buttons for a zoom that is made later, and the scale it is at.
export function zoomBar(zoom, words = ZOOM_WORDS) {
  const text = el("span", { class: "zoomtext" }, "100\u00a0%");
  const bar = el(
    "div",
    { class: "zoombar" },
    toolButton(words.out, ICON.MINUS, () => zoom().zoomBy(1 / ZOOM_STEP)),
    text,
    toolButton(words.in, ICON.PLUS, () => zoom().zoomBy(ZOOM_STEP)),
    toolButton(words.fit, ICON.FIT, () => zoom().reset()),
  );
  return { bar, show: (scale) => (text.textContent = `${Math.round(scale * 100)}\u00a0%`) };
}
