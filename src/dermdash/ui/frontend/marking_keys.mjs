// The keyboard while regions are marked: with a tool in hand arrows point, with a mark selected they move it.
import { MARK } from "./names.mjs";

// How far an arrow key points or moves, in pixels of the window.
const STEP_PX = 10;

// Returns whether the key was meant. `panel`: whose state, drawing, hand and screen this works on.
export function markingKey(panel, { key, shiftKey }) {
  const { drawing, state, screen, hand } = panel;
  const step = (shiftKey ? 1 : STEP_PX) * hand.pixels;
  const [dx, dy] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[key] || [0, 0];
  if (drawing.tool && (dx || dy)) {
    screen.pointing = true;
    drawing.point(dx, dy, state.size);
    screen.drawMarks(state, drawing);
    return true;
  }
  if (drawing.tool && key === " ") {
    screen.pointing = true;
    panel.finish(drawing.put(state.size));
    return true;
  }
  if (drawing.isBegun && key === "Enter") {
    panel.finish(drawing.tool === MARK.POLYGON ? drawing.close() : drawing.put(state.size));
    return true;
  }
  if (!drawing.tool && (dx || dy) && state.history.current) {
    panel.keep(state.edit("move", dx, dy, state.size));
    return true;
  }
  if (!drawing.tool && (dx || dy) && screen.zoom.scale > 1) {
    screen.zoom.panBy((-6 * dx) / hand.pixels, (-6 * dy) / hand.pixels);
    return true;
  }
  return false;
}
