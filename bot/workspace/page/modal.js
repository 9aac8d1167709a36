// The top modal of a person's stack: inputs keep what was typed until it is submitted or closed.

import { act } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { el, icon, ICONS } from "./dom.js";
import { store } from "./store.js";

const dialog = document.getElementById("modal");
const answers = new Map(); // view id -> block id -> action id -> value
let shown = null; // "view id:hash"
let errors = {};
let opener = null;

export function drawModal() {
  const view = store.data.views.at(-1);
  for (const id of answers.keys()) {
    if (!store.data.views.some((each) => each.id === id)) answers.delete(id);
  }
  if (!view) {
    shown = null;
    if (dialog.open) {
      dialog.close();
      opener?.isConnected ? opener.focus() : document.getElementById("composer-text")?.focus();
    }
    return;
  }
  const key = `${view.id}:${view.hash}`;
  if (key === shown) return;
  errors = {};
  const isSameView = shown?.startsWith(`${view.id}:`);
  shown = key;
  if (!dialog.open) opener = document.activeElement;
  paint(view);
  if (!dialog.open) dialog.showModal();
  if (!isSameView) focusFirst();
}

function paint(view) {
  if (!answers.has(view.id)) answers.set(view.id, {});
  const state = answers.get(view.id);
  const focused = dialog.contains(document.activeElement) ? document.activeElement.id : "";
  const use = (block, element, value) => act("view-action", {
    as: store.as, view_id: view.id, block_id: block.block_id, action_id: element.action_id, value, values: state,
  });
  const isStacked = store.data.views.length > 1;
  dialog.replaceChildren(el("form", { class: "sheet", novalidate: true, onsubmit: (event) => { event.preventDefault(); submit(view, state); } },
    el("header", {},
      isStacked ? el("button", { type: "button", class: "tool", "aria-label": "Back", "data-testid": "modal-back", onclick: () => close(view, false) }, icon(ICONS.back)) : null,
      el("h2", { id: "modal-title" }, view.title.text),
      el("button", { type: "button", class: "tool", "aria-label": "Close", "data-testid": "modal-close", onclick: () => close(view, true) }, icon(ICONS.close))),
    el("div", { class: "sheet-body", tabindex: "-1", "data-testid": "modal-body" }, renderBlocks(view.blocks, { use, state, errors, scope: view.id })),
    el("footer", {},
      el("button", { type: "button", class: "button", "data-testid": "modal-cancel", onclick: () => close(view, false) }, view.close?.text ?? (view.submit ? "Cancel" : "Close")),
      view.submit ? el("button", { type: "submit", class: "button primary", "data-testid": "modal-submit" }, view.submit.text) : null)));
  if (focused) document.getElementById(focused)?.focus();
}

async function submit(view, state) {
  const button = dialog.querySelector('[data-testid="modal-submit"]');
  if (!button || button.disabled) return;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  const before = shown;
  const answer = await act("view-submit", { as: store.as, view_id: view.id, values: state }, { quiet: true });
  if (shown !== before) return;
  button.disabled = false;
  button.removeAttribute("aria-busy");
  if (answer.ok) return;
  errors = answer.errors ?? {};
  paint(view);
  if (Object.keys(errors).length) dialog.querySelector(".faulty input, .faulty textarea, .faulty select")?.focus();
  else dialog.querySelector("footer").prepend(el("p", { class: "fault", role: "alert" }, answer.error));
}

function close(view, isAll) {
  act("view-close", { as: store.as, view_id: view.id, all: isAll });
}

function focusFirst() {
  const body = dialog.querySelector(".sheet-body");
  (body.querySelector("input, textarea, select, button") ?? body).focus();
}

// Escape closes the view at the server first; the change that comes back closes the dialog.
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  const view = store.data.views.at(-1);
  if (view) close(view, false);
});
