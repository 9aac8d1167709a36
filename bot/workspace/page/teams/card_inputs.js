// The inputs of an Adaptive Card. What was typed outlives a redrawing: it is kept in `live.values`.

import { el } from "../dom.js";
import { markdown, plain } from "./card_text.js";

const TEXT_TYPES = { Email: "email", Url: "url", Tel: "tel", Password: "password" };

export const INPUTS = {
  "Input.Text": text,
  "Input.ChoiceSet": choices,
  "Input.Toggle": toggle,
  "Input.Number": typed("number"),
  "Input.Date": typed("date"),
  "Input.Time": typed("time"),
};

/** One input with its label, and beside it what is wrong with it. */
export function input(given, path, live) {
  const id = `${live.scope}-${path}`.replace(/\W/g, "-");
  const isGroup = given.type === "Input.ChoiceSet" && (given.isMultiSelect || given.style === "expanded");
  const name = [plain(given.label ?? ""), given.isRequired ? el("span", { class: "ac-required", "aria-hidden": "true" }, " *") : null];
  const { control, read } = INPUTS[given.type](given, live, { id, describedBy: `${id}-fault`, label: given.label ?? given.placeholder ?? given.title });
  const node = el(isGroup ? "fieldset" : "div", { class: "ac-input", "data-input": given.id, "data-testid": `input-${given.id}` },
    given.label ? (isGroup ? el("legend", {}, ...name) : el("label", { for: id, dir: "auto" }, ...name)) : null,
    control, el("p", { id: `${id}-fault`, class: "fault", role: "alert", hidden: true }));
  READS.set(node, { given, read, control });
  return node;
}

const READS = new WeakMap();
const inputsOf = (live) => [...live.root.querySelectorAll("[data-input]")];

/** The values by id, as they go to the bot. */
export function readInputs(live) {
  return Object.fromEntries(inputsOf(live).map((node) => {
    const { given, read } = READS.get(node);
    return [given.id, read()];
  }));
}

/** Marks every input that is not filled in as it must be and goes to the first; whether there is one. */
export function firstFault(live) {
  let first = null;
  for (const node of inputsOf(live)) {
    const { given, read } = READS.get(node);
    const fault = faultOf(given, read());
    const note = node.querySelector(".fault");
    note.textContent = fault;
    note.hidden = !fault;
    node.classList.toggle("faulty", Boolean(fault));
    for (const field of node.querySelectorAll("input, select, textarea")) field.setAttribute("aria-invalid", String(Boolean(fault)));
    if (fault && !first) first = node;
  }
  first?.querySelector("input, select, textarea")?.focus();
  return Boolean(first);
}

function faultOf(given, value) {
  const isMissing = given.type === "Input.Toggle" ? value !== (given.valueOn ?? "true") : !value.trim();
  const isWrong = value && given.regex && !new RegExp(given.regex, "u").test(value);
  const wrong = (given.isRequired && isMissing) || isWrong;
  return wrong ? given.errorMessage ?? "This is needed." : "";
}

const kept = (given, live) => live.values[given.id] ?? (given.value === undefined ? "" : String(given.value));
const keep = (given, live, value) => { live.values[given.id] = value; };

function text(given, live, { id, describedBy, label }) {
  const control = el(given.isMultiline ? "textarea" : "input", {
    id, class: "text", type: given.isMultiline ? null : TEXT_TYPES[given.style] ?? "text", rows: given.isMultiline ? 4 : null,
    value: kept(given, live), maxlength: given.maxLength, placeholder: given.placeholder, dir: "auto", autocomplete: "off",
    "aria-label": given.label ? null : label, "aria-describedby": describedBy, "aria-required": given.isRequired ? "true" : null,
    oninput: () => keep(given, live, control.value),
  });
  return { control, read: () => control.value };
}

function typed(type) {
  return (given, live, { id, describedBy, label }) => {
    const control = el("input", {
      id, class: "text", type, value: kept(given, live), min: given.min, max: given.max, placeholder: given.placeholder,
      "aria-label": given.label ? null : label, "aria-describedby": describedBy, oninput: () => keep(given, live, control.value),
    });
    return { control, read: () => control.value };
  };
}

function toggle(given, live, { id, describedBy }) {
  const [on, off] = [given.valueOn ?? "true", given.valueOff ?? "false"];
  const box = el("input", {
    id, type: "checkbox", checked: kept(given, live) === on, "aria-describedby": describedBy,
    onchange: () => keep(given, live, box.checked ? on : off),
  });
  return { control: el("label", { class: "choice" }, box, el("span", { dir: "auto" }, ...markdown(given.title ?? ""))), read: () => (box.checked ? on : off) };
}

function choices(given, live, names) {
  if (given.isMultiSelect || given.style === "expanded") return ticks(given, live, names);
  const chosen = kept(given, live);
  const control = el("select", {
    id: names.id, class: "select", "aria-label": given.label ? null : names.label, "aria-describedby": names.describedBy,
    "aria-required": given.isRequired ? "true" : null, onchange: () => keep(given, live, control.value),
  },
  el("option", { value: "", selected: !chosen }, given.placeholder ?? "Choose…"),
  ...given.choices.map((choice) => el("option", { value: choice.value, selected: choice.value === chosen }, plain(choice.title))));
  return { control, read: () => control.value };
}

/** Boxes or rings; the values that are ticked go to the bot with commas between them. */
function ticks(given, live, { id, describedBy }) {
  const chosen = new Set(kept(given, live).split(","));
  const read = () => [...control.querySelectorAll("input:checked")].map((box) => box.value).join(",");
  const control = el("div", { class: "choices", id, "aria-describedby": describedBy }, ...given.choices.map((choice) =>
    el("label", { class: "choice" },
      el("input", {
        type: given.isMultiSelect ? "checkbox" : "radio", name: id, value: choice.value, checked: chosen.has(choice.value),
        onchange: () => keep(given, live, read()),
      }),
      el("span", { dir: "auto" }, plain(choice.title)))));
  return { control, read };
}
