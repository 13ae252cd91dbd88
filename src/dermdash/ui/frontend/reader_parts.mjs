// Parts of what a reader sees that stand on more than one screen.
import { el } from "./elements.mjs";

export function curtainCard(title, paragraphs, ...more) {
  return el("div", { class: "card" }, el("h2", {}, title), ...paragraphs.map((one) => el("p", {}, one)), ...more);
}

// The languages on offer, each by its own name; nothing where there is but one.
export function languageChoice({ label, language, languages, onChoice }) {
  if (languages.length < 2) return null;
  return el(
    "select",
    { class: "language", "aria-label": label, onchange: (e) => onChoice(e.target.value) },
    ...languages.map(({ code, name }) => el("option", { value: code, lang: code, selected: code === language }, name)),
  );
}

const PLAIN = "text/plain;charset=utf-8";
const KEPT_MS = 1000;

// Saves a text as a file. It is made here: no address of it would work for a reader.
export function saveFile(name, text, type = PLAIN) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}

export function downloadButton({ label, name, text }) {
  return el("button", { type: "button", class: "download", onclick: () => saveFile(name, text) }, label);
}
