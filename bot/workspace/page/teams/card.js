// An Adaptive Card 1.5 as DOM: every element that Assent uses. What it does not know is a loud error.

import { el } from "../dom.js";
import { actionRow, press } from "./card_actions.js";
import { input, INPUTS } from "./card_inputs.js";
import { markdown, plain } from "./card_text.js";

const VERSION_MAX = 1.5;
const DEPTH_MAX = 20;

/** `context`: {use(pointer, action, inputs) -> promise, values (kept between drawings), scope, follow(address)?}. */
export function renderCard(card, context) {
  const node = el("div", { class: "ac", lang: card.lang, "aria-label": card.speak, role: card.speak ? "group" : null });
  const live = { ...context, root: node, scope: context.scope.replace(/\W/g, "-"), values: context.values ?? {}, depth: 0 };
  if (card.type !== "AdaptiveCard") node.append(unknown(`a card of type ${card.type}`));
  else if (!(Number(card.version) <= VERSION_MAX)) node.append(unknown(`version ${card.version} of Adaptive Cards`));
  else {
    node.append(...items(card.body ?? [], "/body", live));
    if (card.actions?.length) node.append(actionRow(card.actions, "/actions", live, unknown));
  }
  return node;
}

const items = (elements, path, live) => elements.flatMap((each, at) => element(each, `${path}/${at}`, live));

function element(given, path, live) {
  if (live.depth > DEPTH_MAX) return [unknown("elements nested this deep")];
  let node;
  try {
    const make = KINDS[given.type] ?? (INPUTS[given.type] && input);
    if (!make) return instead(given, path, live);
    node = make(given, path, { ...live, depth: live.depth + 1 });
  } catch (error) {
    console.error("an element could not be drawn", given, error);
    return [unknown(`this ${given.type}`)];
  }
  return [framed(node, given)];
}

/** What every element has: a place for its spacing, a line above, an id, whether it shows. */
function framed(node, given) {
  node.classList.add("ac-element", `ac-space-${(given.spacing ?? "default").toLowerCase()}`);
  if (given.separator) node.classList.add("ac-line");
  if (given.horizontalAlignment) node.classList.add(`ac-${given.horizontalAlignment.toLowerCase()}`);
  if (given.height === "stretch") node.classList.add("ac-stretch");
  if (given.id && !given.type.startsWith("Input.")) node.dataset.element = given.id;
  if (given.isVisible === false) node.hidden = true;
  return node;
}

function instead(given, path, live) {
  if (given.fallback === "drop") return [];
  if (given.fallback?.type) return element(given.fallback, `${path}/fallback`, { ...live, depth: live.depth + 1 });
  return [unknown(String(given.type))];
}

/** Nothing of a card is left out in silence: what a client would drop is a defect to be seen. */
const unknown = (what) => el("p", { class: "ac-unknown", role: "alert", "data-testid": "ac-unknown" }, `Cannot show ${what}.`);

const look = (given) => [
  given.size && `ac-size-${given.size.toLowerCase()}`,
  given.weight && `ac-weight-${given.weight.toLowerCase()}`,
  given.color && `ac-color-${given.color.toLowerCase()}`,
  given.isSubtle && "ac-subtle",
  given.fontType && `ac-font-${given.fontType.toLowerCase()}`,
].filter(Boolean).join(" ");

function textBlock(given) {
  const isHeading = given.style === "heading";
  const node = el("div", {
    class: `ac-text ${look(given)}${given.wrap ? "" : " ac-cut"}`, dir: "auto",
    role: isHeading ? "heading" : null, "aria-level": isHeading ? "3" : null,
  }, ...markdown(given.text ?? ""));
  if (given.maxLines) node.classList.add("ac-lines", `ac-lines-${Math.min(given.maxLines, 6)}`);
  return node;
}

function richText(given, path, live) {
  const inlines = given.inlines ?? [];
  const [size, ...others] = new Set(inlines.map((run) => run.size ?? "default"));
  return el("p", { class: `ac-text ac-rich${size && !others.length ? ` ac-size-${size.toLowerCase()}` : ""}`, dir: "auto" },
    ...inlines.map((run, at) => textRun(run, `${path}/inlines/${at}`, live)));
}

function textRun(run, path, live) {
  if (typeof run === "string") return plain(run);
  if (run.type !== "TextRun") return unknown(String(run.type));
  let node = plain(run.text ?? "");
  if (run.strikethrough) node = el("s", {}, node);
  if (run.underline) node = el("u", {}, node);
  if (run.italic) node = el("em", {}, node);
  if (run.highlight) node = el("mark", {}, node);
  if (run.selectAction) node = pressable(el("button", { type: "button", class: "ac-link" }, node), run, path, live);
  return el("span", { class: look(run) }, node);
}

function container(given, path, live) {
  const node = el("div", { class: `ac-container ac-style-${(given.style ?? "none").toLowerCase()}` },
    ...items(given.items ?? [], `${path}/items`, live));
  if (given.verticalContentAlignment) node.classList.add(`ac-v-${given.verticalContentAlignment.toLowerCase()}`);
  return given.selectAction ? pressable(node, given, path, live) : node;
}

function columnSet(given, path, live) {
  const node = el("div", { class: `ac-columns ac-style-${(given.style ?? "none").toLowerCase()}` },
    ...(given.columns ?? []).map((column, at) => {
      const inner = container(column, `${path}/columns/${at}`, live);
      inner.classList.add("ac-column", widthClass(column.width));
      if (typeof column.width === "number" || /^\d+$/.test(column.width)) inner.style.flexGrow = String(column.width);
      if (/^\d+px$/.test(column.width)) inner.style.flexBasis = column.width;
      return framed(inner, { ...column, type: "Column" });
    }));
  return given.selectAction ? pressable(node, given, path, live) : node;
}

function widthClass(width = "stretch") {
  if (width === "auto" || width === "stretch") return `ac-width-${width}`;
  return /px$/.test(width) ? "ac-width-fixed" : "ac-width-share";
}

const factSet = (given) => el("dl", { class: "ac-facts" }, ...(given.facts ?? []).map((fact) => el("div", {},
  el("dt", { dir: "auto" }, ...markdown(fact.title ?? "")), el("dd", { dir: "auto" }, ...markdown(fact.value ?? "")))));

/** Pictures are named, not fetched: a card must not make this page call other servers. */
const image = (given) => el("span", { class: "ac-picture", role: "img", "aria-label": given.altText ?? "picture" }, given.altText ?? "picture");

function pressable(node, given, path, live) {
  node.classList.add("ac-pressable");
  if (node.localName !== "button") {
    node.tabIndex = 0;
    node.setAttribute("role", "button");
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === node) node.click();
    });
  }
  node.addEventListener("click", () => press(given.selectAction, `${path}/selectAction`, node, live));
  return node;
}

const KINDS = {
  TextBlock: textBlock,
  RichTextBlock: richText,
  Container: container,
  ColumnSet: columnSet,
  FactSet: factSet,
  Image: image,
  ActionSet: (given, path, live) => actionRow(given.actions ?? [], `${path}/actions`, live, unknown),
};
