// A lesion mask as an outline (white between dark edges, visible on any skin) or as a fill, of a white-on-black picture.
export const MASK = { OFF: "off", OUTLINE: "outline", FILL: "fill" };
const FILL_COLOR = [0, 184, 217];
const DARK = [16, 16, 16];
const WHITE = [255, 255, 255];

// Which pixels (RGBA, row by row) are inside the lesion: 1 inside, 0 outside.
export function insideOf(pixels) {
  const inside = new Uint8Array(pixels.length / 4);
  for (let i = 0; i < inside.length; i += 1) inside[i] = pixels[4 * i] > 127 && pixels[4 * i + 3] > 127 ? 1 : 0;
  return inside;
}

// The pixels inside that touch what is outside, or the picture's border, as [x, y].
export function edgeOf(inside, width, height) {
  const edge = [];
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const i = y * width + x;
      if (!inside[i]) continue;
      const border = x === 0 || y === 0 || x === width - 1 || y === height - 1;
      if (border || !inside[i - 1] || !inside[i + 1] || !inside[i - width] || !inside[i + width]) edge.push([x, y]);
    }
  return edge;
}

function drawInto(pixels, inside, width, height, mode) {
  const put = (i, color) => {
    pixels[4 * i] = color[0];
    pixels[4 * i + 1] = color[1];
    pixels[4 * i + 2] = color[2];
    pixels[4 * i + 3] = 255;
  };
  if (mode === MASK.FILL) {
    for (let i = 0; i < inside.length; i += 1) if (inside[i]) put(i, FILL_COLOR);
    return;
  }
  const edge = edgeOf(inside, width, height);
  const thick = Math.max(1, Math.round(width / 500));
  for (const [reach, tone] of [[2 * thick, DARK], [thick, WHITE]])
    for (const [x, y] of edge)
      for (let dy = -reach; dy <= reach; dy += 1)
        for (let dx = -reach; dx <= reach; dx += 1) {
          const px = x + dx;
          const py = y + dy;
          if (px >= 0 && py >= 0 && px < width && py < height && dx * dx + dy * dy <= reach * reach) put(py * width + px, tone);
        }
}

export function paintMask(canvas, mask, mode) {
  const width = (canvas.width = mask.naturalWidth);
  const height = (canvas.height = mask.naturalHeight);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.clearRect(0, 0, width, height);
  if (mode === MASK.OFF) return;
  context.drawImage(mask, 0, 0);
  const inside = insideOf(context.getImageData(0, 0, width, height).data);
  const out = context.createImageData(width, height);
  drawInto(out.data, inside, width, height, mode);
  context.putImageData(out, 0, 0);
}

export function paintNothing(canvas) {
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
}
