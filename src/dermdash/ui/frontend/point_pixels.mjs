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

// A square of so many pixels round the place of each row, where `wanted` says so; what comes later lies above.
export function paintSquares({ pixels, width, height }, places, rows, { scale, left, top }, side, pixel, wanted = null) {
  const half = side / 2;
  for (let k = 0; k < rows.length; k += 1) {
    const i = rows[k];
    if (wanted && !wanted(i)) continue;
    const x = Math.round(left + scale * places[2 * i] - half);
    const y = Math.round(top + scale * places[2 * i + 1] - half);
    const from = Math.max(0, x);
    const to = Math.min(width, x + side);
    const end = Math.min(height, y + side);
    for (let row = Math.max(0, y); row < end; row += 1) {
      for (let at = row * width + from; at < row * width + to; at += 1) pixels[at] = pixel;
    }
  }
}
