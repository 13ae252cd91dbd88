// A square on a picture: `x` and `y` of its centre as shares of the picture's width and height, `share` its side as a share
// of the picture's shorter side. `size` is the picture's `width` and `height` in pixels.
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

// Side of the square as a share of the picture's width and of its height.
export function sidesOf({ share }, { width, height }) {
  const shorter = Math.min(width, height);
  return [(share * shorter) / width, (share * shorter) / height];
}

// No smaller than allowed, no larger than the picture, and wholly on it.
export function heldOn(crop, size, smallest) {
  const share = clamp(crop.share, smallest, 1);
  const [w, h] = sidesOf({ share }, size);
  return { x: clamp(crop.x, w / 2, 1 - w / 2), y: clamp(crop.y, h / 2, 1 - h / 2), share };
}

// The square whose corner (nw, ne, sw or se) is drawn to `at`, in shares: the corner across stays where it is.
export function resizedBy(corner, crop, at, { width, height }, smallest) {
  const shorter = Math.min(width, height);
  const [sx, sy] = [corner.endsWith("e") ? 1 : -1, corner.startsWith("s") ? 1 : -1];
  const half = (crop.share * shorter) / 2;
  const fixed = { x: crop.x * width - sx * half, y: crop.y * height - sy * half };
  const reach = Math.max(sx * (at.x * width - fixed.x), sy * (at.y * height - fixed.y));
  const room = Math.min(sx > 0 ? width - fixed.x : fixed.x, sy > 0 ? height - fixed.y : fixed.y);
  const side = Math.min(Math.max(reach, smallest * shorter), room);
  return { share: side / shorter, x: (fixed.x + (sx * side) / 2) / width, y: (fixed.y + (sy * side) / 2) / height };
}

// As it is told to the server: more digits say nothing.
export function rounded({ x, y, share }) {
  const round = (v) => Math.round(v * 1e4) / 1e4;
  return { x: round(x), y: round(y), share: round(share) };
}
