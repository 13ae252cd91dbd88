// The words of a reader's language: they come with the data, by the names of dermdash.reader_study.words.
import { received } from "./messages.mjs";
import { SHAPE } from "./names.mjs";

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

export class Words {
  constructor(language, texts) {
    this.language = language;
    this.text = received(SHAPE.WORDS, texts);
    this.plural = new Intl.PluralRules(language);
  }

  // A text with its places filled in.
  say(text, values = {}) {
    return fill(text, values);
  }

  number(value, decimals) {
    return Number(value).toLocaleString(this.language, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  }

  // A moment (ISO) on the clock of whoever reads it.
  moment(iso) {
    return new Date(iso).toLocaleString(this.language, { dateStyle: "long", timeStyle: "short" });
  }

  // A day (ISO).
  day(iso) {
    return new Date(`${iso}T12:00:00Z`).toLocaleDateString(this.language, { dateStyle: "long", timeZone: "UTC" });
  }

  // The form of a text that follows a whole number.
  count(forms, n, values = {}) {
    const form = this.plural.select(n);
    return fill(Object.hasOwn(forms, form) ? forms[form] : Object.values(forms).at(-1), { n, ...values });
  }
}
