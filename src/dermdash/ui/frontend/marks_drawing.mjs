// Marks over a picture, as SVG in the picture's own pixels: whatever the zoom, lines and numbers stay as thick and large.
import { svgElement } from "./elements.mjs";
import { outlineOf, placedLabels } from "./annotation_geometry.mjs";

const pathOf = (points, closed) => (points.length ? `M${points.map(([x, y]) => `${x} ${y}`).join("L")}${closed ? "Z" : ""}` : "");

export class MarksDrawing {
  constructor() {
    this.node = svgElement("svg", { class: "marks", "aria-hidden": "true", preserveAspectRatio: "xMidYMid meet" });
    this.labels = [];
  }

  // `scale`: pixels of the window that a pixel of the picture takes.
  fit({ width, height }, scale) {
    this.node.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.node.style.setProperty("--u", `${1 / scale}px`);
    this.unit = 1 / scale;
    this.size = { width, height };
    this.placeLabels();
  }

  // Anew at every zoom: the nearer one looks, the more room there is between marks.
  placeLabels() {
    const places = placedLabels(this.labels, this.size, this.unit);
    this.labels.forEach(({ node }, at) => {
      node.setAttribute("x", places[at][0]);
      node.setAttribute("y", places[at][1]);
    });
  }

  // `marks`: {mark, color, label, selected, dash, covered: filled with what it would be covered with}; `open`: the points of a mark in the making; `cursor`: a crosshair.
  draw(marks, { open = null, closed = false, cursor = null } = {}) {
    this.labels = [];
    this.node.replaceChildren(
      ...marks.flatMap((m) => this.drawn(m)),
      ...(open ? this.inTheMaking(open, closed) : []),
      ...(cursor ? this.crosshair(cursor) : []),
    );
    this.placeLabels();
  }

  drawn({ mark, color, label, selected = false, dash = "", covered = false }) {
    const outline = outlineOf(mark);
    const d = pathOf(outline, true);
    const style = `--c: ${color}`;
    const line = svgElement("path", { d, class: "line", style });
    if (dash) line.style.strokeDasharray = dash.split(" ").map((v) => `calc(${v} * var(--u))`).join(" ");
    const text = svgElement("text", { class: "number", style });
    text.textContent = label;
    this.labels.push({ outline, text: label, node: text });
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
