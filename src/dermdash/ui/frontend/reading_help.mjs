// How to answer, and the switch for single keys.
import { el } from "./elements.mjs";

export function helpDialog(onShortcuts) {
  const row = (keys, text) => el("tr", {}, el("th", { scope: "row" }, ...keys.map((k) => el("kbd", {}, k))), el("td", {}, text));
  const box = el("input", { type: "checkbox", id: "shortcuts", onchange: (e) => onShortcuts(e.target.checked) });
  const dialog = el(
    "dialog",
    { class: "help", "aria-labelledby": "helptitle" },
    el("h2", { id: "helptitle" }, "How to answer"),
    el("p", {}, "Look at the image, choose a diagnosis and how sure you are, then lock in your answer. Where assistance follows, you may keep or change it. A locked answer cannot be taken back."),
    el(
      "table",
      {},
      el(
        "tbody",
        {},
        el("tr", {}, el("th", { scope: "row" }, el("kbd", {}, "1"), el("kbd", {}, "–"), el("kbd", { id: "lastkey" })), el("td", {}, "Diagnosis")),
        row(["A", "S", "D", "…"], "How sure, from least to most"),
        row(["Enter"], "Lock in, keep or change"),
        row(["+", "−", "0"], "Zoom in, out, fit; or wheel, pinch, double click; drag to move"),
        row(["P", "Esc"], "Pause"),
        row(["?"], "This help"),
      ),
    ),
    el("label", { class: "switch", for: "shortcuts" }, box, "Single-key shortcuts"),
    el("button", { type: "button", class: "submit", onclick: () => dialog.close() }, "Back to the case"),
  );
  return dialog;
}
