// Points of a map as bytes, and which of them lie inside a drawn line: nothing of it needs a page.

// Byte by byte: of a million, `Uint8Array.from` takes a hundred times as long.
function bytesOf(text) {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

export const placesOf = (text) => placesOfBytes(bytesOf(text));

// Pairs of 16-bit numbers (0 to 65535, x and y in turn) as shares of the map.
export function placesOfBytes(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const places = new Float32Array(bytes.length / 2);
  for (let i = 0; i < places.length; i += 1) places[i] = view.getUint16(2 * i, true) / 65535;
  return places;
}

export const groupsOf = bytesOf;

// A bit for each point, the first in the lowest bit of the first byte.
export function bitsOf(marked) {
  const bytes = new Uint8Array(Math.ceil(marked.length / 8));
  for (let i = 0; i < marked.length; i += 1) if (marked[i]) bytes[i >> 3] |= 1 << (i & 7);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

// Even-odd rule; a line of fewer than three corners holds nothing.
export function inside(x, y, line) {
  let found = false;
  for (let i = 0, j = line.length - 1; i < line.length; j = i, i += 1) {
    const [ax, ay] = line[i];
    const [bx, by] = line[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) found = !found;
  }
  return found;
}

// Which points a closed line (in shares of the map) goes round.
export function markedBy(places, line) {
  const marked = new Uint8Array(places.length / 2);
  if (line.length < 3) return marked;
  const xs = line.map((corner) => corner[0]);
  const ys = line.map((corner) => corner[1]);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  for (let i = 0; i < marked.length; i += 1) {
    const x = places[2 * i];
    const y = places[2 * i + 1];
    if (x >= left && x <= right && y >= top && y <= bottom && inside(x, y, line)) marked[i] = 1;
  }
  return marked;
}

// The view: pixels of a share and where the map's corner lies, in pixels. Enlarged round a place that stays where it is.
export function enlarged(view, by, x, y, least, most) {
  const scale = Math.min(most, Math.max(least, view.scale * by));
  const ratio = scale / view.scale;
  return { scale, left: x - (x - view.left) * ratio, top: y - (y - view.top) * ratio };
}

// The whole map in the middle of a canvas.
export function whole(width, height, margin) {
  const scale = Math.max(1, Math.min(width, height) - 2 * margin);
  return { scale, left: (width - scale) / 2, top: (height - scale) / 2 };
}

// The corners of a frame [left, top, width, height], as a line round it.
export function cornersOf([left, top, width, height]) {
  return [[left, top], [left + width, top], [left + width, top + height], [left, top + height]];
}

// A frame moved, or made larger on its right and lower side, by a step; it stays inside the sheet.
export function movedFrame([left, top, width, height], [dx, dy], sizes, step, least, mostWidth, mostHeight) {
  if (sizes) {
    const wide = Math.min(Math.max(least, width + dx * step), mostWidth - left);
    return [left, top, wide, Math.min(Math.max(least, height + dy * step), mostHeight - top)];
  }
  const x = Math.min(Math.max(0, left + dx * step), mostWidth - width);
  return [x, Math.min(Math.max(0, top + dy * step), mostHeight - height), width, height];
}
