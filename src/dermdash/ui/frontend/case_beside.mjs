// What stands beside the image of a case: fields of its record, a clinical image, the patient's other lesions.
import { dataImage, el, replaceImage } from "./elements.mjs";
import { LesionDialog } from "./lesion_dialog.mjs";
import { makeZoom, zoomBar } from "./zoom.mjs";

export class CaseBeside {
  // `onLook`: the reader wants to see a lesion large.
  constructor(words, pictures, { onLook }) {
    const { text } = words;
    this.words = words;
    this.pictures = pictures;
    this.fields = el("dl", { class: "facts" });
    this.image = el("img", { class: "lesion visible", alt: text.CLINICAL_IMAGE, draggable: "false" });
    this.missing = el("p", { class: "mattext" }, text.NO_CLINICAL_IMAGE);
    const { bar, show } = zoomBar(() => this.zoom, { out: text.ZOOM_OUT, in: text.ZOOM_IN, fit: text.ZOOM_FIT });
    this.bar = bar;
    this.clinical = el("div", { class: "mat clinical", role: "group", "aria-label": text.CLINICAL_IMAGE }, this.image, this.missing, bar);
    this.zoom = makeZoom(this.clinical, this.image, { onChange: show });
    this.heading = el("h3", { id: "otherlesions" });
    this.list = el("ul", { "aria-labelledby": "otherlesions" });
    this.lesions = el("section", { class: "lesions" }, this.heading, this.list);
    this.dialog = new LesionDialog(words, { onLook });
  }

  // Put what comes with a step in place.
  show(beside) {
    const { fields, clinical, lesions, lesions_left_out: leftOut } = beside || { fields: [], clinical: null, lesions: null, lesions_left_out: 0 };
    this.dialog.close();
    this.fields.hidden = fields.length === 0;
    this.fields.replaceChildren(...fields.map(({ title, value }) => el("div", {}, el("dt", {}, title), el("dd", {}, value))));
    this.clinical.hidden = clinical === null;
    if (clinical !== null) this.showClinical(clinical);
    this.lesions.hidden = lesions === null;
    if (lesions !== null) this.showLesions(lesions, leftOut);
  }

  showClinical(picture) {
    this.clinical.classList.toggle("none", picture === "");
    this.missing.hidden = picture !== "";
    this.image.hidden = this.bar.hidden = picture === "";
    if (picture) replaceImage(this.image, this.pictures.data(picture));
    this.zoom.reset();
  }

  showLesions(lesions, leftOut) {
    const { text } = this.words;
    const more = leftOut ? ` (${this.words.count(text.LESIONS_LEFT_OUT, leftOut)})` : "";
    this.heading.textContent = `${lesions.length ? this.words.count(text.OTHER_LESIONS, lesions.length) : text.NO_OTHER_LESIONS}${more}`;
    this.list.hidden = lesions.length === 0;
    const small = lesions.map((picture) => dataImage(this.pictures.data(picture)));
    this.list.replaceChildren(
      ...small.map((source, i) => {
        const label = this.words.say(text.LESION_OF, { number: i + 1, total: small.length });
        return el("li", {}, el("button", { type: "button", "aria-label": label, onclick: () => this.dialog.open(i, small) }, el("img", { src: source, alt: "", draggable: "false" })));
      }),
    );
  }

  // A large picture that was asked for has come.
  enlarge(lesion, picture) {
    this.dialog.enlarge(lesion, dataImage(this.pictures.data(picture)));
  }

  get dialogIsOpen() {
    return this.dialog.isOpen;
  }

  // Settled when all that can be shown is decoded.
  decoded() {
    const shown = [this.image, ...this.list.querySelectorAll("img")].filter((image) => image.src && !image.hidden);
    return Promise.allSettled(shown.map((image) => image.decode()));
  }

  fit() {
    this.zoom.apply();
  }
}
