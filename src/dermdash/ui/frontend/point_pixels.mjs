// Very many points as pixels of an image: to draw a rectangle for each takes a million calls, and a second.

// A colour "#rrggbb" of an opacity as a pixel of an image, red in the lowest byte, as every machine with a browser has it.
export function pixelOf(color, opacity) {
  const at = (place) => parseInt(color.slice(place, place + 2), 16);
  return ((Math.round(255 * opacity) << 24) | (at(5) << 16) | (at(3) << 8) | at(1)) >>> 0;
}

// The rows of each group one after another.
export function rowsByGroup(groups, count) {
  const sizes = new Uint32Array(count);
  const last = count - 1;
  for (let i = 0; i < groups.length; i += 1) sizes[Math.min(groups[i], last)] += 1;
  const rows = Array.from(sizes, (size) => new Uint32Array(size));
  const filled = new Uint32Array(count);
  for (let i = 0; i < groups.length; i += 1) {
    const group = Math.min(groups[i], last);
    rows[group][filled[group]] = i;
    filled[group] += 1;
  }
  return rows;
}

// About 0.618 of the number of points, and nothing in common with it: steps of that length come to each point once, and
// points that follow one another lie far apart.
function stepOver(n) {
  const divisor = (a, b) => (b ? divisor(b, a % b) : a);
  let step = Math.max(1, Math.round(0.6180339887 * n));
  while (divisor(step, n) > 1) step += 1;
  return step % n;
}

// A square of so many pixels round the place of each point, where `wanted` says so; `colors`: of each group its pixel.
// Where many lie one on another the uppermost is one of them by chance, so that an area has colours in the shares of its
// points: painted group by group, the last one would hide all others, however few they are.
export function paintSquares({ pixels, width, height }, places, groups, colors, { scale, left, top }, side, wanted = null) {
  const half = side / 2;
  const last = colors.length - 1;
  const n = Math.min(groups.length, places.length / 2);
  const step = stepOver(n);
  for (let k = 0, i = 0; k < n; k += 1) {
    i += step;
    if (i >= n) i -= n;
    if (wanted && !wanted(i)) continue;
    const x = Math.round(left + scale * places[2 * i] - half);
    const y = Math.round(top + scale * places[2 * i + 1] - half);
    const from = Math.max(0, x);
    const to = Math.min(width, x + side);
    const end = Math.min(height, y + side);
    const pixel = colors[Math.min(groups[i], last)];
    for (let row = Math.max(0, y); row < end; row += 1) {
      for (let at = row * width + from; at < row * width + to; at += 1) pixels[at] = pixel;
    }
  }
}
