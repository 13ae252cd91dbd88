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

// All points once, those that follow one another far apart: steps of about 0.618 of their number, which has nothing in
// common with it. Where many lie one on another the uppermost is then one of them by chance, and an area has colours in
// the shares of its points: painted group by group, the last one would hide all others, however few they are.
export function mixedOrder(n) {
  const divisor = (a, b) => (b ? divisor(b, a % b) : a);
  let step = Math.max(1, Math.round(0.6180339887 * n));
  while (divisor(step, n) > 1) step += 1;
  const order = new Uint32Array(n);
  for (let k = 0, i = 0; k < n; k += 1) {
    i = (i + step) % n;
    order[k] = i;
  }
  return order;
}

// What stands at these places of an array, `each` numbers at each.
export function taken(values, order, each = 1) {
  const found = new values.constructor(order.length * each);
  for (let k = 0; k < order.length; k += 1) for (let at = 0; at < each; at += 1) found[each * k + at] = values[each * order[k] + at];
  return found;
}

// A square of so many pixels round the place of each point, where `wanted` says so; what comes later lies above.
// `colors`: of each group its pixel.
export function paintSquares({ pixels, width, height }, places, groups, colors, { scale, left, top }, side, wanted = null) {
  const half = side / 2;
  const last = colors.length - 1;
  for (let i = 0; i < groups.length; i += 1) {
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
