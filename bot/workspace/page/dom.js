// The only way this page makes elements: text goes in as text, never as markup.

/** el("button", {class: "x", onclick: f, "aria-label": "Close"}, child, "text", ...) */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else if (value === true) node.setAttribute(name, "");
    else node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** Direction and control characters would let a value disguise what follows it: show them. */
export const visible = (text) =>
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");

/** A line icon drawn from path data; decorative. */
export function icon(path) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  drawing.classList.add("icon");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  drawing.append(line);
  return drawing;
}

export const ICONS = {
  hash: "M9 4 7 20M17 4l-2 16M4 9h16M4 15h16",
  home: "M4 11 12 4l8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z",
  chat: "M4 5h16v11H9l-5 4z",
  close: "M6 6l12 12M18 6 6 18",
  back: "M15 5l-7 7 7 7",
  dots: "M5 11.6v.8M12 11.6v.8M19 11.6v.8",
  send: "M4 12 20 4l-5 16-3.5-6.5z",
  down: "M6 9l6 6 6-6",
  file: "M6 3h8l4 4v14H6zM14 3v5h4",
  bolt: "M13 3 5 14h6l-1 7 8-11h-6z",
};

const COLOURS = 8;

/** A round badge with initials; its colour follows the name, which both sides know a person by. */
export function avatar(person, isBot = false) {
  const name = person?.real_name ?? "?";
  if (isBot) return el("span", { class: "avatar bot", "aria-hidden": "true" }, icon("M6 12.5l4 4L18.5 8"));
  const initials = name.split(/\s+/).map((part) => part[0]).slice(0, 2).join("");
  let sum = 0;
  for (const letter of person?.real_name ?? "") sum = (sum * 7 + letter.charCodeAt(0)) % 997;
  return el("span", { class: `avatar tint-${sum % COLOURS}`, "aria-hidden": "true" }, initials);
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

export const dateOf = (ts) => new Date(Number(ts) * 1000);
export const clockOf = (ts) => CLOCK.format(dateOf(ts));
export const dayOf = (ts) => DAY.format(dateOf(ts));

/** Put the caret into a message box, except on a phone, where the keyboard would cover the page. */
export function focusBox(selector) {
  if (matchMedia("(min-width: 721px)").matches) document.querySelector(selector)?.focus({ preventScroll: true });
}

/** Whether the caret stands in a box that somebody writes in. */
export const isWriting = () => document.activeElement?.matches("textarea, input") ?? false;

/** Draw anew and leave the caret where it was in the box of the same id. */
export function keepCaret(draw) {
  const old = isWriting() && document.activeElement;
  draw();
  const box = old && !old.isConnected && document.getElementById(old.id);
  if (!box) return;
  box.focus({ preventScroll: true });
  if (old.selectionStart !== null) box.setSelectionRange(old.selectionStart, old.selectionEnd);
}

/** A short notice that goes by itself; also read aloud. */
export function toast(text) {
  const note = el("div", { class: "toast", "data-testid": "toast" }, text);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 6000);
}
