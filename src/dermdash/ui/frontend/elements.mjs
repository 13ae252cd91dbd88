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

export function svgElement(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function svg(path, viewBox = "0 0 16 16") {
  return svgElement("svg", { viewBox, "aria-hidden": "true" }, svgElement("path", { d: path }));
}

export const ICON = {
  MINUS: "M2 7h12v2H2z",
  PLUS: "M7 2h2v5h5v2H9v5H7V9H2V7h5z",
  HAND: "M3 2l10.5 4.6-4.5 1.6L12 12.6 10.4 13.9 7.3 9.5 4.4 13z",
  RECTANGLE: "M2 3h12v10H2zM3.6 4.6v6.8h8.8V4.6z",
  POLYGON: "M8 1.4 14.6 6.2 12.1 14H3.9L1.4 6.2zM8 3.4 3.3 6.8 5.1 12.4h5.8l1.8-5.6z",
  FREEHAND: "M3.1 11.6C1.3 8.6 2.6 5 6 3.4c3.6-1.6 7.6-.3 8.2 2.6.5 2.7-2.2 3.8-4.5 4.2-1.7.3-2.6.9-2.1 2l-1.5.8c-.5-.2-2-.5-3-1.4zm1.5-.9c.5.5 1 .7 1.5.8.1-1.6 1.5-2.5 3.3-2.8 1.9-.4 3.5-1 3.2-2.4-.4-1.9-3.4-2.6-6-1.5-2.5 1.2-3.4 3.7-2 5.9z",
  UNDO: "M6.5 2.2 7.6 3.3 5.7 5.2H9.5a4.3 4.3 0 0 1 0 8.6H5v-1.6h4.5a2.7 2.7 0 0 0 0-5.4H5.7l1.9 1.9-1.1 1.1L2.7 6z",
  REDO: "M9.5 2.2 8.4 3.3l1.9 1.9H6.5a4.3 4.3 0 0 0 0 8.6H11v-1.6H6.5a2.7 2.7 0 0 1 0-5.4h3.8L8.4 8.7l1.1 1.1L13.3 6z",
  BIN: "M6 1.5h4v1.2h3.5v1.6h-11V2.7H6zM3.6 5.2h8.8l-.7 9.3H4.3zm2.6 1.6.3 6h1.2l-.2-6zm3.6 0h-1.2l-.2 6h1.2z",
  EYE: "M8 3.2c3.3 0 5.7 2.3 7 4.8-1.3 2.5-3.7 4.8-7 4.8S2.3 10.5 1 8c1.3-2.5 3.7-4.8 7-4.8zm0 1.6C5.7 4.8 3.9 6.2 2.8 8c1.1 1.8 2.9 3.2 5.2 3.2S12.1 9.8 13.2 8C12.1 6.2 10.3 4.8 8 4.8zm0 1.1a2.1 2.1 0 1 1 0 4.2 2.1 2.1 0 0 1 0-4.2z",
  FIT: "M2 2h5v2H4v3H2zm7 0h5v5h-2V4H9zM2 9h2v3h3v2H2zm10 0h2v5H9v-2h3z",
};

export function toolButton(label, path, action) {
  return el("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick: action }, svg(path));
}

// Only pictures that came with the data: nothing is ever fetched from elsewhere. Within an image element no drawing can
// run scripts.
export function dataImage(value) {
  return typeof value === "string" && /^data:image\/(png|jpeg|webp|svg\+xml);base64,/.test(value) ? value : "";
}

// Show another version of the picture that an element shows: a part of it may have been covered since.
export function replaceImage(element, value) {
  const source = dataImage(value);
  if (element.src !== source) element.src = source;
}

export function colorOf(value, fallback = "#767676") {
  return typeof value === "string" && /^#[0-9a-fA-F]{6}$/.test(value) ? value : fallback;
}
