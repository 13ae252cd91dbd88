// The form beside the image: diagnosis, quality, structures, marks, the other fields by block, comment. Built once for a
// task and drawn from an `AnnotationState`; what the annotator does goes to `acts`, the panel.
import { QUALITY_KEYS, STRUCTURE_KEYS } from "./annotation_keys.mjs";
import { arrowTo } from "./choice_keys.mjs";
import { ICON, el, svg, toolButton } from "./elements.mjs";
import { BLOCKS, KIND, MOST, QUALITY_LEVELS, STRUCTURES } from "./nomenclature.mjs";
import { CHECK, markChosen } from "./panel_parts.mjs";
import { StructureCard } from "./structure_card.mjs";

const FIELDS = BLOCKS.flatMap((block) => block.fields);
const titleOf = (structure) => STRUCTURES.find((s) => s.name === structure)?.title || "Structure?";
const keycap = (text) => el("kbd", { "aria-hidden": "true" }, text);

// Arrows move within a group of buttons, of which one takes the Tab key.
function withArrows(group, { chooses = false } = {}) {
  group.addEventListener("keydown", (event) => {
    if (!event.key.startsWith("Arrow") || event.ctrlKey || event.metaKey || event.altKey) return;
    const buttons = [...group.querySelectorAll("button")];
    const at = buttons.indexOf(event.target.closest("button"));
    if (at < 0) return;
    const next = buttons[arrowTo(event.key, at, buttons.length)];
    for (const b of buttons) b.tabIndex = b === next ? 0 : -1;
    if (chooses) next.click();
    next.focus();
    event.preventDefault();
    event.stopPropagation();
  });
  return group;
}

function setTabStop(group) {
  const buttons = [...group.querySelectorAll("button")];
  const stop = buttons.find((b) => b.tabIndex === 0 && b.getRootNode().activeElement === b) || buttons.find((b) => b.getAttribute("aria-pressed") === "true") || buttons[0];
  for (const b of buttons) b.tabIndex = b === stop ? 0 : -1;
}

export class AnnotationForm {
  constructor(acts) {
    this.acts = acts;
    this.card = new StructureCard();
    this.shown = el("div", { class: "shown" });
    this.choices = withArrows(el("div", { class: "choices", role: "radiogroup", "aria-labelledby": "question" }), { chooses: true });
    this.levels = withArrows(el("div", { class: "levels", role: "radiogroup", "aria-labelledby": "quality" }, QUALITY_LEVELS.map((name, i) => this.level(name, i + 1))), { chooses: true });
    this.unsure = el("button", { type: "button", class: "chip unsure", "aria-pressed": "false", "aria-keyshortcuts": "U", onclick: () => acts.toggleUnsure() }, keycap("U"), "Unsure: let others look, too", svg(CHECK));
    this.structures = withArrows(el("div", { class: "structures", role: "group", "aria-labelledby": "structures" }, STRUCTURES.map((s, i) => this.structure(s, STRUCTURE_KEYS[i]))));
    this.marks = el("ol", { class: "marklist" });
    this.structures.addEventListener("focusout", (e) => !this.structures.contains(e.relatedTarget) && this.structures.classList.remove("naming"));
    this.markSection = el("section", { "aria-labelledby": "marks", hidden: true }, el("h3", { id: "marks" }, "Marks"), this.marks);
    this.fields = new Map();
    this.blocks = BLOCKS.filter((b) => b.fields.length).map((b) => this.block(b));
    this.comment = el("textarea", { id: "comment", rows: "2", maxlength: String(MOST.COMMENT), "aria-keyshortcuts": "C", oninput: (e) => acts.write(e.target.value) });
    this.node = el(
      "div",
      { class: "form" },
      this.shown,
      el("h2", { id: "question" }, "What is your diagnosis?"),
      this.choices,
      this.unsure,
      el("h3", { id: "quality" }, "Image quality"),
      this.levels,
      el("h3", { id: "structures", class: "withkey" }, "Dermoscopic structures", keycap("X")),
      this.structures,
      this.markSection,
      this.blocks,
      el("div", { class: "field comment" }, el("label", { for: "comment", class: "withkey" }, "Comment", keycap("C")), this.comment),
    );
  }

  level(name, level) {
    const key = QUALITY_KEYS[level - 1];
    return el(
      "button",
      { type: "button", role: "radio", class: "level", "data-quality": String(level), "aria-keyshortcuts": key, "aria-label": `${level}, ${name}`, onclick: () => this.acts.chooseQuality(level) },
      keycap(key.toUpperCase()),
      el("span", { class: "name" }, `${level} ${name}`),
    );
  }

  structure({ name, title, color }, key) {
    const show = () => this.card.show(name);
    return el(
      "button",
      { type: "button", class: "chip structure", "data-structure": name, "aria-pressed": "false", "aria-describedby": "structurecard", onclick: () => this.acts.pressStructure(name), onmouseenter: show, onfocus: show, onmouseleave: () => this.hideCard(), onblur: () => this.hideCard() },
      keycap(key.toUpperCase()),
      el("i", { class: "swatch", "--c": color }),
      el("span", { class: "name" }, title),
      el("span", { class: "count" }),
    );
  }

  hideCard() {
    const focused = this.node.getRootNode().activeElement;
    this.card.show(focused && this.structures.contains(focused) ? focused.dataset.structure : "");
  }

  block({ title, fields }) {
    const section = el("fieldset", { class: "block" }, el("legend", {}, title), fields.map((f) => this.field(f)));
    // The choices of the service block are quality and comment, which stand on their own.
    section.dataset.block = title;
    return section;
  }

  field(field) {
    const { name, title, meaning, kind, unit, choices } = field;
    const control = choices.length ? this.chips(field) : this.input(field);
    this.fields.set(name, control);
    const label = choices.length ? el("span", { id: `label-${name}`, class: "label" }, title) : el("label", { for: `field-${name}`, class: "label" }, title);
    label.title = meaning;
    return el("div", { class: kind === KIND.LIST ? "field wide" : "field" }, label, control, !choices.length && unit && el("span", { class: "unit" }, unit));
  }

  chips(field) {
    const list = field.kind === KIND.LIST;
    const chip = ({ value, words, swatch }) =>
      el(
        "button",
        { type: "button", class: "chip", "data-value": String(value), role: list ? null : "radio", onclick: () => this.acts.chooseValue(field, value) },
        swatch && el("i", { class: "swatch", "--c": swatch }),
        words,
      );
    return withArrows(el("div", { class: "chips", role: list ? "group" : "radiogroup", "aria-labelledby": `label-${field.name}` }, field.choices.map(chip)), { chooses: !list });
  }

  input({ name, kind }) {
    const number = kind === KIND.INTEGER || kind === KIND.NUMBER;
    const read = ({ target }) => {
      const text = target.value.trim().replace(",", ".");
      // What is no number stays as it was typed, and is said to be none.
      this.acts.enterValue(name, !text ? null : number && text !== "" && !Number.isNaN(Number(text)) ? Number(text) : target.value);
    };
    const input = el("input", { id: `field-${name}`, type: "text", inputmode: number ? "decimal" : null, autocomplete: "off", maxlength: String(MOST.TEXT), class: number ? "number" : "", list: number ? null : "sites", oninput: read });
    if (number) return input;
    this.sites = el("datalist", { id: "sites" });
    return el("span", { class: "suggested" }, input, this.sites);
  }

  // ---- a new task ------------------------------------------------------------------------------------------
  bring({ task, classes }) {
    this.choices.replaceChildren(
      ...classes.map((c, i) =>
        el(
          "button",
          { type: "button", role: "radio", class: "choice", "data-dx": c.code, "aria-keyshortcuts": i < 9 ? String(i + 1) : null, onclick: () => this.acts.chooseDiagnosis(c.code) },
          i < 9 && keycap(String(i + 1)),
          el("i", { class: "swatch", "--c": c.color }),
          el("span", { class: "name" }, c.name),
          svg(CHECK),
        ),
      ),
    );
    this.sites.replaceChildren(...task.sites.map((site) => el("option", { value: site })));
    const nameOf = (code) => classes.find((c) => c.code === code)?.name || code;
    const percent = (share) => `${Math.round(share * 100)}\u00a0%`;
    this.shown.replaceChildren(
      ...[
        task.initial && el("p", {}, el("span", {}, "Initial annotation"), el("strong", {}, nameOf(task.initial))),
        task.model && el("p", {}, el("span", {}, "Model"), el("strong", {}, task.model.slice(0, 3).map((m) => `${nameOf(m.code)} ${percent(m.share)}`).join(", "))),
      ].filter(Boolean),
    );
    this.node.scrollTop = 0;
  }

  // ---- drawing ---------------------------------------------------------------------------------------------
  draw(state) {
    const { isOpen } = state;
    markChosen(this.choices, (b) => b.dataset.dx === state.dx, isOpen);
    markChosen(this.levels, (b) => Number(b.dataset.quality) === state.quality, isOpen);
    this.unsure.setAttribute("aria-pressed", String(state.unsure));
    this.drawStructures(state);
    this.drawMarks(state);
    for (const field of FIELDS) this.drawField(field, state);
    this.put(this.comment, state.comment);
  }

  // Never into what somebody is typing in.
  put(input, text) {
    if (input.getRootNode().activeElement !== input && input.value !== text) input.value = text;
  }

  drawStructures(state) {
    const seen = state.structures;
    for (const b of this.structures.children) {
      const { structure } = b.dataset;
      const count = state.history.marks.filter((m) => m.structure === structure).length;
      b.setAttribute("aria-pressed", String(seen.includes(structure)));
      b.classList.toggle("drawing", state.structure === structure);
      b.querySelector(".count").textContent = count ? `${count}` : "";
      b.querySelector(".count").title = count ? "Marks" : "";
    }
    setTabStop(this.structures);
  }

  drawMarks({ history }) {
    this.markSection.hidden = !history.marks.length;
    this.marks.replaceChildren(
      ...history.marks.map((mark, at) => {
        const name = titleOf(mark.structure);
        const color = STRUCTURES.find((s) => s.name === mark.structure)?.color || "#ffffff";
        return el(
          "li",
          { class: at === history.selected ? "selected" : "" },
          el(
            "button",
            { type: "button", class: "pick", "aria-pressed": String(at === history.selected), onclick: () => this.acts.selectMark(at) },
            el("span", { class: "number" }, String(at + 1)),
            el("i", { class: "swatch", "--c": color }),
            `${name}, ${mark.shape}`,
          ),
          toolButton(`Delete mark ${at + 1}, ${name}`, ICON.BIN, () => this.acts.deleteMark(at)),
        );
      }),
    );
  }

  drawField(field, state) {
    const control = this.fields.get(field.name);
    const value = state.values[field.name];
    const fault = state.faultOf(field);
    if (!field.choices.length) {
      const input = control.matches("input") ? control : control.querySelector("input");
      this.put(input, value === null || value === undefined ? "" : String(value));
      input.setAttribute("aria-invalid", String(Boolean(fault)));
      input.title = fault;
      return;
    }
    if (field.kind !== KIND.LIST) return markChosen(control, (b) => value !== null && value !== undefined && b.dataset.value === String(value), state.isOpen);
    for (const b of control.children) b.setAttribute("aria-pressed", String(Array.isArray(value) && value.includes(b.dataset.value)));
    return setTabStop(control);
  }

  get isNaming() {
    return this.structures.classList.contains("naming");
  }

  // Letters mean structures while this is on.
  setNaming(on) {
    this.structures.classList.toggle("naming", on);
    if (on) {
      const stop = [...this.structures.children].find((b) => b.tabIndex === 0);
      stop.focus({ preventScroll: true });
      this.structures.scrollIntoView({ block: "nearest" });
    } else if (this.structures.contains(this.node.getRootNode().activeElement)) this.node.getRootNode().activeElement.blur();
  }

  focusStructure(name) {
    const button = [...this.structures.children].find((b) => b.dataset.structure === name);
    for (const b of this.structures.children) b.tabIndex = b === button ? 0 : -1;
    button.focus();
    this.card.show(name);
  }
}

