// Where an enlarged picture lies in its viewport: `scale` from 1 (fits), `x` and `y` how far its centre is from the
// viewport's, in pixels.
export const ZOOM_STEP = 1.5;
export const FITTED = Object.freeze({ scale: 1, x: 0, y: 0 });

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// Never moved so far that the viewport's edge would show: the picture at rest fills it.
export function heldInside({ scale, x, y }, { width, height }) {
  const limitX = (width * (scale - 1)) / 2;
  const limitY = (height * (scale - 1)) / 2;
  return { scale, x: clamp(x, -limitX, limitX), y: clamp(y, -limitY, limitY) };
}

// What lies under the point `at` (from the viewport's centre) stays under it.
export function zoomedAt({ scale, x, y }, factor, at, maximum) {
  const next = clamp(scale * factor, 1, maximum);
  const ratio = next / scale;
  return { scale: next, x: at.x - (at.x - x) * ratio, y: at.y - (at.y - y) * ratio };
}

export function pannedBy({ scale, x, y }, dx, dy) {
  return { scale, x: x + dx, y: y + dy };
}

// A pinch on a trackpad arrives as a wheel with the control key.
export function wheelFactor({ deltaY, deltaMode, ctrlKey }) {
  const lines = deltaMode === 1 ? 16 : 1;
  return Math.exp(-deltaY * lines * (ctrlKey ? 0.01 : 0.0022));
}

export function pinchOf(a, b) {
  return {
    distance: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY),
    x: (a.clientX + b.clientX) / 2,
    y: (a.clientY + b.clientY) / 2,
  };
}
