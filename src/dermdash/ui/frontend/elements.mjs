// Shared by all components: building elements without HTML strings, so that no data can become markup.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) node.style.setProperty(name, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

export function svg(path, viewBox = "0 0 16 16") {
  const ns = "http://www.w3.org/2000/svg";
  const node = document.createElementNS(ns, "svg");
  node.setAttribute("viewBox", viewBox);
  node.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(ns, "path");
  shape.setAttribute("d", path);
  node.append(shape);
  return node;
}

export const ICON = {
  MINUS: "M2 7h12v2H2z",
  PLUS: "M7 2h2v5h5v2H9v5H7V9H2V7h5z",
  FIT: "M2 2h5v2H4v3H2zm7 0h5v5h-2V4H9zM2 9h2v3h3v2H2zm10 0h2v5H9v-2h3z",
};

export function toolButton(label, path, action) {
  return el("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick: action }, svg(path));
}

// Only pictures that came with the data: nothing is ever fetched from elsewhere.
export function dataImage(value) {
  return typeof value === "string" && /^data:image\/(png|jpeg|webp);base64,/.test(value) ? value : "";
}

export function colorOf(value, fallback = "#767676") {
  return typeof value === "string" && /^#[0-9a-fA-F]{6}$/.test(value) ? value : fallback;
}
