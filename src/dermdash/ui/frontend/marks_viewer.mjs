// Marks of several people over one image, to look at: which people, which structures, coloured by one or the other.
import { scaleOf } from "./annotation_geometry.mjs";
import { colorOf, dataImage, el } from "./elements.mjs";
import { MarksDrawing } from "./marks_drawing.mjs";
import { received } from "./messages.mjs";
import { SHAPE } from "./names.mjs";
import { PERSON_COLORS, STRUCTURES } from "./nomenclature.mjs";
import { makeZoom, zoomBar } from "./zoom.mjs";
import { ZOOM_STEP } from "./zoom_geometry.mjs";

// Lines of different people differ in more than their colour.
const DASHES = ["", "7 4", "2 4", "10 3 2 3", "14 5"];

class MarksViewer {
  constructor(root) {
    this.root = root;
    this.hiddenPeople = new Set();
    this.hiddenStructures = new Set();
    this.image = el("img", { class: "lesion", alt: "", draggable: "false" });
    this.marks = new MarksDrawing();
    this.stage = el("div", { class: "stage" }, this.image, this.marks.node);
    const { bar, show } = zoomBar(() => this.zoom);
    this.mat = el("div", { class: "mat", role: "group", tabindex: "0" }, this.stage, bar);
    this.zoom = makeZoom(this.mat, this.stage, {
      onChange: (scale) => {
        show(scale);
        if (this.data) this.scale();
      },
    });
    this.people = el("div", { class: "chips", role: "group", "aria-label": "People" });
    this.structures = el("div", { class: "chips", role: "group", "aria-label": "Structures" });
    this.empty = el("p", { class: "empty" }, "Nobody marked anything.");
    root.replaceChildren(el("div", { class: "viewer" }, this.mat, el("div", { class: "controls" }, this.people, this.structures, this.empty)));
    this.mat.addEventListener("keydown", (event) => this.onKey(event));
    this.resized = new ResizeObserver(() => this.zoom.apply());
    this.resized.observe(this.mat);
  }

  update(data) {
    this.data = data;
    this.root.style.setProperty("--px", `${data.px}px`);
    this.mat.setAttribute("aria-label", `${data.label}. Plus and minus zoom, zero fits.`);
    this.image.alt = data.label;
    if (this.source !== data.image) {
      this.source = data.image;
      this.image.src = dataImage(data.image);
      this.zoom.reset();
    }
    this.drawControls();
    this.draw();
  }

  drawControls() {
    const { people } = this.data;
    this.people.replaceChildren(
      ...people.map(({ name, marks }, at) =>
        this.chip(this.hiddenPeople, at, [this.sample(at), name, el("span", { class: "count" }, String(marks.length))]),
      ),
    );
    const marked = new Set(people.flatMap(({ marks }) => marks.map((m) => m.structure)));
    this.structures.replaceChildren(
      ...STRUCTURES.filter((s) => marked.has(s.name)).map((s) => {
        const by = people.filter(({ marks }) => marks.some((m) => m.structure === s.name)).length;
        return this.chip(this.hiddenStructures, s.name, [s.title, el("span", { class: "count" }, `${by} of ${people.length}`)], s.definition);
      }),
    );
    this.empty.hidden = marked.size > 0;
  }

  chip(hidden, what, content, title = null) {
    const press = (event) => {
      if (!hidden.delete(what)) hidden.add(what);
      event.currentTarget.setAttribute("aria-pressed", String(!hidden.has(what)));
      this.draw();
    };
    return el("button", { type: "button", class: "chip", title, "aria-pressed": String(!hidden.has(what)), onclick: press }, ...content);
  }

  // How a person's lines look.
  sample(at) {
    const dash = DASHES[at % DASHES.length];
    const style = dash ? "dashed" : "solid";
    return el("i", { class: `sample ${style}`, "--c": this.colorOfPerson(at) });
  }

  colorOfPerson(at) {
    return colorOf(PERSON_COLORS[at % PERSON_COLORS.length]);
  }

  draw() {
    this.scale();
    const titleOf = (name) => STRUCTURES.find((s) => s.name === name)?.title || name;
    this.marks.draw(
      this.data.people.flatMap(({ marks }, at) =>
        this.hiddenPeople.has(at)
          ? []
          : marks
              .filter((m) => !this.hiddenStructures.has(m.structure))
              .map((mark) => ({ mark, color: this.colorOfPerson(at), label: titleOf(mark.structure), dash: DASHES[at % DASHES.length] })),
      ),
    );
  }

  scale() {
    const box = this.stage.getBoundingClientRect();
    if (box.width) this.marks.fit(this.data, scaleOf(box, this.data));
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") this.zoom.zoomBy(ZOOM_STEP);
    else if (event.key === "-") this.zoom.zoomBy(1 / ZOOM_STEP);
    else if (event.key === "0") this.zoom.reset();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

const VIEWERS = new WeakMap();

export default function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".marks-viewer");
  if (!root || !data) return undefined;
  if (!VIEWERS.has(root)) VIEWERS.set(root, new MarksViewer(root));
  VIEWERS.get(root).update(received(SHAPE.MARKS_VIEW, data));
  return undefined;
}
