// Marks over a picture, as SVG in the picture's own pixels: whatever the zoom, lines and numbers stay as thick and large.
import { svgElement } from "./elements.mjs";
import { outlineOf } from "./annotation_geometry.mjs";

const pathOf = (points, closed) => (points.length ? `M${points.map(([x, y]) => `${x} ${y}`).join("L")}${closed ? "Z" : ""}` : "");

export class MarksDrawing {
  constructor() {
    this.node = svgElement("svg", { class: "marks", "aria-hidden": "true", preserveAspectRatio: "xMidYMid meet" });
  }

  // `scale`: pixels of the window that a pixel of the picture takes.
  fit({ width, height }, scale) {
    this.node.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.node.style.setProperty("--u", `${1 / scale}px`);
    this.unit = 1 / scale;
  }

  // `marks`: {mark, color, label, selected, dash, covered: filled with what it would be covered with}; `open`: the points of a mark in the making; `cursor`: a crosshair.
  draw(marks, { open = null, closed = false, cursor = null } = {}) {
    this.node.replaceChildren(
      ...marks.flatMap((m) => this.drawn(m)),
      ...(open ? this.inTheMaking(open, closed) : []),
      ...(cursor ? this.crosshair(cursor) : []),
    );
  }

  drawn({ mark, color, label, selected = false, dash = "", covered = false }) {
    const outline = outlineOf(mark);
    const d = pathOf(outline, true);
    const style = `--c: ${color}`;
    const [x, y] = outline.reduce((top, p) => (p[1] < top[1] ? p : top));
    const line = svgElement("path", { d, class: "line", style });
    if (dash) line.style.strokeDasharray = dash.split(" ").map((v) => `calc(${v} * var(--u))`).join(" ");
    const text = svgElement("text", { x, y: y - 5 * this.unit, class: "number", style });
    text.textContent = label;
    const parts = [svgElement("path", { d, class: "halo" }), svgElement("path", { d, class: "area", style }), line, text];
    return [svgElement("g", { class: `mark${selected ? " selected" : ""}${covered ? " covered" : ""}` }, ...parts)];
  }

  inTheMaking(points, closed) {
    const d = pathOf(points, closed);
    const dots = closed ? [] : points.map(([x, y]) => svgElement("circle", { cx: x, cy: y, class: "corner" }));
    return [svgElement("path", { d, class: "halo" }), svgElement("path", { d, class: "making" }), ...dots];
  }

  crosshair([x, y]) {
    const long = 11 * this.unit;
    const d = `M${x - long} ${y}H${x + long}M${x} ${y - long}V${y + long}`;
    return [svgElement("path", { d, class: "halo" }), svgElement("path", { d, class: "making" })];
  }
}
