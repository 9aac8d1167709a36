// Interactive elements. In a message using one tells the bot; in a modal inputs wait for submit.

import { el } from "./dom.js";
import { ask } from "./confirm.js";
import { menuButton } from "./menu.js";
import { textOf } from "./mrkdwn.js";
import { store } from "./store.js";

const optionsOf = (element) =>
  [...(element.options ?? []), ...(element.option_groups ?? []).flatMap((group) => group.options)];

/** The element as a control; `context` is {use, state, isInput, id, describedBy, errors}. */
export function control(block, element, context) {
  const make = MAKERS[element.type];
  if (!make) return el("span", { class: "unknown" }, `[${element.type}]`);
  const node = make(block, element, context);
  node.dataset.testid = `action-${element.action_id}`;
  node.dataset.actionId = element.action_id;
  return node;
}

async function used(block, element, context, value, source) {
  if (element.confirm && !(await ask(element.confirm))) return;
  source?.setAttribute("aria-busy", "true");
  await context.use(block, element, value);
  source?.removeAttribute("aria-busy");
}

/** Keep an answer; tell the bot at once where Slack would. */
function answer(block, element, context, value) {
  (context.state[block.block_id] ??= {})[element.action_id] = value;
  const isHeldBack = context.isInput && !block.dispatch_action;
  if (!isHeldBack) used(block, element, context, value);
}

const current = (block, element, context, initial) =>
  context.state[block.block_id]?.[element.action_id] ?? initial;

function button(block, element, context) {
  const node = el("button", {
    type: "button",
    class: `button ${element.style ?? ""}`,
    "aria-label": element.accessibility_label,
    onclick: () => {
      if (node.getAttribute("aria-busy")) return;
      if (element.url && /^https?:/i.test(element.url)) window.open(element.url, "_blank", "noopener");
      used(block, element, context, undefined, node);
    },
  }, textOf(element.text));
  return node;
}

function select(block, element, context) {
  const chosen = current(block, element, context, element.initial_option?.value ?? "");
  const node = el("select", {
    id: context.id, class: "select", "aria-describedby": context.describedBy,
    "aria-label": context.id ? null : element.placeholder?.text ?? "Choose",
    onchange: () => { if (node.value) answer(block, element, context, node.value); },
  }, el("option", { value: "", disabled: !context.isInput, selected: !chosen }, element.placeholder?.text ?? "Choose…"),
  ...(element.option_groups
    ? element.option_groups.map((group) => el("optgroup", { label: group.label.text }, ...choices(group, chosen)))
    : choices(element, chosen)));
  return node;
}

const choices = (holder, chosen) => holder.options.map((option) =>
  el("option", { value: option.value, selected: option.value === chosen }, option.text.text));

function peopleOptions() {
  const options = store.data.people.filter((person) => !person.deleted && !person.is_bot)
    .map((person) => ({ value: person.id, text: { type: "plain_text", text: person.real_name } }));
  return options;
}

function userSelect(block, element, context) {
  const initial_option = element.initial_user ? { value: element.initial_user } : undefined;
  return select(block, { ...element, options: peopleOptions(), initial_option }, context);
}

function ticks(kind, options, initial) {
  return (block, element, context) => {
    const chosen = new Set([current(block, element, context, initial(element))].flat());
    const node = el("div", { class: "choices", id: context.id, "aria-describedby": context.describedBy });
    const read = () => {
      const on = [...node.querySelectorAll("input:checked")].map((box) => box.value);
      answer(block, element, context, kind === "radio" ? on[0] ?? null : on);
    };
    node.append(...options(element).map((option) => el("label", { class: "choice" },
      el("input", {
        type: kind, value: option.value, onchange: read, checked: chosen.has(option.value),
        name: `${block.block_id}-${element.action_id}-${context.scope ?? ""}`,
      }),
      el("span", {}, textOf(option.text),
        option.description ? el("small", {}, textOf(option.description)) : null))));
    return node;
  };
}

function overflow(block, element, context) {
  return menuButton({
    label: "More actions", buttonClass: "button quiet",
    items: element.options.map((option) => ({
      content: [textOf(option.text)],
      take: () => used(block, element, context, option.value),
    })),
  });
}

function typed(type, initial) {
  return (block, element, context) => {
    const value = current(block, element, context, element[initial] ?? "");
    const node = el(element.multiline ? "textarea" : "input", {
      id: context.id, type: element.multiline ? null : type, value,
      class: "text", rows: element.multiline ? 4 : null,
      placeholder: element.placeholder?.text, "aria-describedby": context.describedBy,
      "aria-label": context.id ? null : element.placeholder?.text ?? "Text", dir: "auto",
      maxlength: element.max_length, inputmode: type === "number" ? "decimal" : null,
      step: type === "number" ? "any" : null, autocomplete: "off",
      oninput: () => { (context.state[block.block_id] ??= {})[element.action_id] = node.value; },
      onchange: () => {
        const isChoice = type === "date" || type === "time";
        if (isChoice ? !context.isInput || block.dispatch_action : block.dispatch_action && !node.dataset.sent) {
          used(block, element, context, node.value);
        }
        delete node.dataset.sent;
      },
      onkeydown: (event) => {
        if (event.key !== "Enter" || element.multiline || !block.dispatch_action) return;
        event.preventDefault();
        node.dataset.sent = "1";
        used(block, element, context, node.value);
      },
    });
    return node;
  };
}

const MAKERS = {
  button,
  overflow,
  static_select: select,
  users_select: userSelect,
  multi_static_select: ticks("checkbox", optionsOf, (e) => (e.initial_options ?? []).map((o) => o.value)),
  multi_users_select: ticks("checkbox", peopleOptions, (e) => e.initial_users ?? []),
  radio_buttons: ticks("radio", optionsOf, (e) => e.initial_option?.value),
  checkboxes: ticks("checkbox", optionsOf, (e) => (e.initial_options ?? []).map((o) => o.value)),
  datepicker: typed("date", "initial_date"),
  timepicker: typed("time", "initial_time"),
  plain_text_input: typed("text", "initial_value"),
  number_input: typed("number", "initial_value"),
  email_text_input: typed("email", "initial_value"),
  url_text_input: typed("url", "initial_value"),
};
