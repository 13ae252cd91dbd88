// Asks for a password and posts it; the answer sets the cookie and says where to go. Nothing of it goes through Streamlit.
import { inApp } from "./app_address.mjs";
import { el } from "./elements.mjs";
import { received, sent } from "./messages.mjs";
import { BOUND, SHAPE, SIGN_IN } from "./names.mjs";

const AWAY = "The app cannot be reached. Please try again in a moment.";

let fields = 0;

function field(label, attributes) {
  const id = `sign-in-field-${(fields += 1)}`;
  const input = el("input", { id, required: "", ...attributes });
  return { input, row: el("div", { class: "sign-in-row" }, el("label", { for: id }, label), input) };
}

class SignInForm {
  constructor(root, data) {
    this.data = data;
    this.asksNew = data.kind === SIGN_IN.NEW_PASSWORD;
    this.name = field("Name", { type: "text", autocomplete: "username", autocapitalize: "none", spellcheck: "false", maxlength: "200" });
    this.password = field(this.asksNew ? "New password" : "Password", {
      type: "password",
      autocomplete: this.asksNew ? "new-password" : "current-password",
      maxlength: "256",
      ...(this.asksNew ? { minlength: String(BOUND.SHORTEST_PASSWORD) } : {}),
    });
    this.again = field("The same again", { type: "password", autocomplete: "new-password", maxlength: "256" });
    if (this.asksNew) {
      this.name.input.value = data.name;
      this.name.input.readOnly = true;
    }
    this.button = el("button", { type: "submit", class: "sign-in-button" }, this.asksNew ? "Set the password and sign in" : "Sign in");
    this.words = el("p", { class: "sign-in-words", role: "alert" });
    const form = el("form", { class: "sign-in-form", novalidate: "" }, this.name.row, this.password.row, ...(this.asksNew ? [this.again.row] : []), this.button, this.words);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    root.replaceChildren(form);
  }

  wrong() {
    const [name, password] = [this.name.input.value.trim(), this.password.input.value];
    if (!name) return ["Enter your name.", this.name];
    if (!password) return ["Enter your password.", this.password];
    if (this.asksNew && [...password].length < BOUND.SHORTEST_PASSWORD)
      return [`The password needs ${BOUND.SHORTEST_PASSWORD} or more characters. Four unrelated words will do.`, this.password];
    if (this.asksNew && password !== this.again.input.value) return ["The two passwords differ.", this.again];
    return null;
  }

  say(text, at) {
    this.words.textContent = text;
    for (const one of [this.name, this.password, this.again]) one.input.toggleAttribute("aria-invalid", one === at);
    if (at) at.input.focus();
  }

  async submit() {
    if (this.button.disabled) return;
    const wrong = this.wrong();
    if (wrong) {
      this.say(...wrong);
      return;
    }
    this.say("", null);
    this.button.disabled = true;
    const body = sent(SHAPE.CREDENTIALS, { name: this.name.input.value, password: this.password.input.value, link: this.data.link });
    try {
      const answer = await fetch(inApp(this.data.address), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), credentials: "same-origin" });
      const said = received(SHAPE.SIGN_IN_ANSWER, await answer.json());
      if (said.to) {
        window.location.replace(inApp(said.to));
        return;
      }
      this.say(said.error, this.password);
    } catch {
      this.say(AWAY, null);
    }
    this.button.disabled = false;
  }
}

const SHOWN = new WeakMap();

export default function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".sign-in.root");
  if (!root || !data) return undefined;
  const asked = received(SHAPE.SIGN_IN_FORM, data);
  if (asked.kind === SIGN_IN.GO_ON) {
    window.location.replace(inApp(asked.address));
    return undefined;
  }
  // Drawn once for what is asked: what somebody types stays when the page is drawn again.
  const known = SHOWN.get(root);
  if (!known || known.data.link !== asked.link) SHOWN.set(root, new SignInForm(root, asked));
  return undefined;
}
