// A certificate to print: a page of its own, made in the browser, as the name on it must not leave the device.
import { el } from "./elements.mjs";
import { saveFile } from "./reader_parts.mjs";

const FILE = "certificate.html";
const PAGE = "text/html;charset=utf-8";
const STYLE = [
  "@page { size: A4 landscape; margin: 0; }",
  "body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 18px/1.5 Georgia, serif; color: #16191d; }",
  "main { box-sizing: border-box; width: min(92vw, 960px); padding: 64px; border: 3px double #0b5e6b; text-align: center; }",
  "h1 { margin: 0 0 32px; font-size: 34px; letter-spacing: 0.02em; }",
  ".name { margin: 0 0 24px; font-size: 28px; border-bottom: 1px solid #16191d; min-height: 1.5em; }",
  ".day { margin: 40px 0 0; color: #4a4f55; }",
].join("\n");

// The text of the page. Everything on it is text: nothing in a name can become markup.
function certificatePage(words, { text, day }, name) {
  const page = document.implementation.createHTMLDocument(words.text.CERTIFICATE);
  page.documentElement.lang = words.language;
  page.head.prepend(el("meta", { charset: "utf-8" }));
  page.head.append(el("style", {}, STYLE));
  page.body.append(
    el("main", {}, el("h1", {}, words.text.CERTIFICATE), el("p", { class: "name" }, name), el("p", {}, text), el("p", { class: "day" }, words.day(day))),
  );
  return `<!doctype html>${page.documentElement.outerHTML}`;
}

export function certificateForm(words, certificate) {
  const { text } = words;
  const name = el("input", { type: "text", id: "certificatename", maxlength: "120", autocomplete: "off" });
  const save = () => saveFile(FILE, certificatePage(words, certificate, name.value.trim()), PAGE);
  return el(
    "div",
    { class: "certificate" },
    el("h3", {}, text.CERTIFICATE),
    el("label", { for: "certificatename" }, text.CERTIFICATE_NAME),
    name,
    el("p", { class: "small" }, text.CERTIFICATE_STAYS),
    el("button", { type: "button", class: "download", onclick: save }, text.CERTIFICATE_SAVE),
  );
}
