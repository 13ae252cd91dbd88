// A dialog that says which keys do what, with the switch for single keys.
import { el } from "./elements.mjs";

export const helpRow = (keys, text) => el("tr", {}, el("th", { scope: "row" }, ...keys.map((k) => (typeof k === "string" ? el("kbd", {}, k) : k))), el("td", {}, text));

export function helpDialog({ title, text, rows, back, onShortcuts, shortcuts = "Single-key shortcuts", more = null }) {
  const box = el("input", { type: "checkbox", id: "shortcuts", onchange: (e) => onShortcuts(e.target.checked) });
  const dialog = el(
    "dialog",
    { class: "help", "aria-labelledby": "helptitle" },
    el("h2", { id: "helptitle" }, title),
    el("p", {}, text),
    el("table", {}, el("tbody", {}, ...rows)),
    more,
    el("label", { class: "switch", for: "shortcuts" }, box, shortcuts),
    el("button", { type: "button", class: "submit", onclick: () => dialog.close() }, back),
  );
  return dialog;
}
