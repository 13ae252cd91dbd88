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

// Saves a text as a file. It is made here: no address of it would work for a reader.
export function downloadButton({ label, name, text }) {
  const save = () => {
    const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    el("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  };
  return el("button", { type: "button", class: "download", onclick: save }, label);
}
