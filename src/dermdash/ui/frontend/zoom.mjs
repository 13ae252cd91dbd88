// Zoom and pan of one element inside a viewport: wheel, pinch, drag, double click, and zoomBy/reset for keys.
// The picture is moved and scaled, never recoloured or resampled into a new image.
export function makeZoom(viewport, content, { onChange = () => {}, maximum = 12 } = {}) {
  let scale = 1;
  let x = 0;
  let y = 0;
  const pointers = new Map();
  let pinch = null;
  let last = null;

  function apply() {
    const limitX = (viewport.clientWidth * (scale - 1)) / 2;
    const limitY = (viewport.clientHeight * (scale - 1)) / 2;
    x = Math.min(limitX, Math.max(-limitX, x));
    y = Math.min(limitY, Math.max(-limitY, y));
    content.style.transform = scale === 1 ? "" : `translate(${x}px, ${y}px) scale(${scale})`;
    // A picture at rest leaves vertical swipes to the page; an enlarged one takes them for panning.
    viewport.style.touchAction = scale === 1 ? "pan-y" : "none";
    viewport.classList.toggle("zoomed", scale > 1);
    onChange(scale);
  }

  function zoomAt(factor, clientX, clientY) {
    const box = viewport.getBoundingClientRect();
    const cx = clientX - box.left - box.width / 2;
    const cy = clientY - box.top - box.height / 2;
    const next = Math.min(maximum, Math.max(1, scale * factor));
    const ratio = next / scale;
    x = cx - (cx - x) * ratio;
    y = cy - (cy - y) * ratio;
    scale = next;
    apply();
  }

  function zoomBy(factor) {
    const box = viewport.getBoundingClientRect();
    zoomAt(factor, box.left + box.width / 2, box.top + box.height / 2);
  }

  function reset() {
    scale = 1;
    x = 0;
    y = 0;
    apply();
  }

  function panBy(dx, dy) {
    x += dx;
    y += dy;
    apply();
  }

  viewport.addEventListener(
    "wheel",
    (event) => {
      if (event.ctrlKey || event.deltaY !== 0) {
        event.preventDefault();
        const lines = event.deltaMode === 1 ? 16 : 1;
        zoomAt(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0022)), event.clientX, event.clientY);
      }
    },
    { passive: false },
  );
  viewport.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button, input, a")) return;
    pointers.set(event.pointerId, event);
    if (pointers.size === 2) {
      const [a, b] = [...pointers.values()];
      pinch = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    }
    last = { x: event.clientX, y: event.clientY };
    if (scale > 1 || pointers.size === 2) viewport.setPointerCapture(event.pointerId);
  });
  viewport.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId)) return;
    pointers.set(event.pointerId, event);
    if (pointers.size === 2) {
      const [a, b] = [...pointers.values()];
      const distance = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
      if (pinch) zoomAt(distance / pinch, (a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2);
      pinch = distance;
    } else if (scale > 1 && last) {
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
    if (event.target.closest("button, input, a")) return;
    if (scale > 1) reset();
    else zoomAt(2.5, event.clientX, event.clientY);
  });
  apply();
  return { zoomBy, reset, panBy, apply, get scale() { return scale; } };
}
