// What a structure is, in a sentence, beside a drawn example.
import { dataImage, el } from "./elements.mjs";
import { STRUCTURES } from "./nomenclature.mjs";

export class StructureCard {
  constructor() {
    this.picture = el("img", { alt: "", width: "128", height: "96" });
    this.title = el("h3", {});
    this.text = el("p", {});
    this.node = el("div", { class: "structurecard", id: "structurecard", hidden: true }, this.picture, el("div", {}, this.title, this.text));
  }

  show(name) {
    const structure = STRUCTURES.find((s) => s.name === name);
    this.node.hidden = !structure;
    if (!structure || this.shown === name) return;
    this.shown = name;
    this.picture.src = dataImage(`data:image/svg+xml;base64,${btoa(structure.example)}`);
    this.title.textContent = structure.title;
    this.text.textContent = structure.definition;
  }
}
