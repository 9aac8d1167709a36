// The buttons of an Adaptive Card: a row, the secondary ones in a menu behind it.

import { el } from "../dom.js";
import { menuButton } from "../menu.js";
import { firstFault, readInputs } from "./card_inputs.js";
import { plain } from "./card_text.js";

const PRIMARY_MAX = 6; // Teams: actions that stand in the row; further ones go into the menu
const TELLS = new Set(["Action.Execute", "Action.Submit"]);
const KNOWN = new Set([...TELLS, "Action.OpenUrl", "Action.ToggleVisibility"]);

export function actionRow(actions, path, live, unknown) {
  const row = el("div", { class: "ac-actions", role: "group", "aria-label": "Actions" });
  const folded = [];
  const faults = [];
  let shown = 0;
  actions.forEach((given, at) => {
    const [action, pointer] = usable(given, `${path}/${at}`);
    if (action === null) return;
    if (!action) {
      faults.push(unknown(`${given.type}`));
    } else if (action.mode === "secondary" || shown >= PRIMARY_MAX) {
      folded.push({
        content: [plain(action.title ?? "")], testid: `action-${name(action)}`,
        take: () => press(action, pointer, row.querySelector(".menu-holder > button"), live),
      });
    } else {
      shown += 1;
      row.append(button(action, pointer, live));
    }
  });
  if (folded.length) {
    const menu = menuButton({ label: "More actions", buttonClass: "button quiet", items: folded });
    menu.dataset.testid = "action-more";
    row.append(menu);
  }
  row.append(...faults);
  return row;
}

/** The action itself, what it falls back to, null for none at all, undefined for one that nobody knows. */
function usable(given, pointer) {
  if (KNOWN.has(given.type)) return [given, pointer];
  if (given.fallback === "drop") return [null, pointer];
  return given.fallback?.type ? usable(given.fallback, `${pointer}/fallback`) : [undefined, pointer];
}

const STYLES = { positive: "primary", destructive: "danger" };

function button(action, pointer, live) {
  const node = el("button", {
    type: "button", class: `button ${STYLES[action.style] ?? ""}`, title: action.tooltip, dir: "auto",
    disabled: action.isEnabled === false, "data-testid": `action-${name(action)}`,
    onclick: () => press(action, pointer, node, live),
  }, plain(action.title ?? ""));
  return node;
}

/** What a test presses: the verb, else the title. */
const name = (action) => action.verb ?? action.data?.verb ?? action.data?.form ?? action.id ?? (action.title ?? "").toLowerCase().replace(/\W+/g, "-");

/** Use an action: the inputs of its card are looked at first, where it takes them along. */
export async function press(action, pointer, node, live) {
  if (node.getAttribute("aria-busy")) return;
  if (action.type === "Action.OpenUrl") {
    if (!live.follow?.(action.url) && /^https?:/i.test(action.url)) window.open(action.url, "_blank", "noopener");
    return;
  }
  if (action.type === "Action.ToggleVisibility") {
    toggle(action, live);
    return;
  }
  const takesInputs = (action.associatedInputs ?? "auto").toLowerCase() !== "none";
  if (takesInputs && firstFault(live)) return;
  node.setAttribute("aria-busy", "true");
  await live.use(pointer, action, takesInputs ? readInputs(live) : {});
  node.removeAttribute("aria-busy");
}

function toggle(action, live) {
  for (const target of action.targetElements ?? []) {
    const id = target.elementId ?? target;
    for (const node of live.root.querySelectorAll(`[data-element="${CSS.escape(id)}"]`)) {
      node.hidden = !(target.isVisible ?? node.hidden);
    }
  }
}
