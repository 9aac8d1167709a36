// Block Kit as DOM. `context` tells what using an element does: {use(block, element, value), state}.

import { el, icon } from "./dom.js";
import { control } from "./controls.js";
import { link, markdown, mention, textOf } from "./mrkdwn.js";

export function renderBlocks(blocks, context) {
  return el("div", { class: "blocks" }, ...blocks.map((block) => renderBlock(block, context)));
}

function renderBlock(block, context) {
  const make = KINDS[block.type] ?? (() => el("p", { class: "unknown" }, `[${block.type}]`));
  let node;
  try {
    node = make(block, context);
  } catch (error) {
    console.error("a block could not be drawn", block, error);
    node = el("p", { class: "unknown" }, "This part could not be shown.");
  }
  node.dataset.blockId = block.block_id ?? "";
  return node;
}

const KINDS = {
  header: (block) => el("h3", { class: "block header" }, textOf(block.text)),
  divider: () => el("hr", { class: "block divider" }),
  section: (block, context) => el("div", { class: "block section" },
    el("div", { class: "section-body" },
      block.text ? el("div", { class: "section-text" }, textOf(block.text)) : null,
      block.fields?.length
        ? el("div", { class: "fields" }, ...block.fields.map((f) => el("div", { class: "field" }, textOf(f))))
        : null),
    block.accessory ? el("div", { class: "accessory" }, element(block, block.accessory, context)) : null),
  context: (block) => el("div", { class: "block context" }, ...block.elements.map((each) =>
    each.type === "image" ? picture(each) : el("span", { class: "context-item" }, textOf(each)))),
  actions: (block, context) => el("div", { class: "block actions", role: "group", "aria-label": "Actions" },
    ...block.elements.map((each) => element(block, each, context))),
  input: (block, context) => input(block, context),
  image: (block) => el("div", { class: "block image" }, picture(block)),
  markdown: (block) => el("div", { class: "block" }, markdown(block.text)),
  rich_text: (block) => el("div", { class: "block rich" }, ...block.elements.map(rich)),
  table: (block) => table(block),
};

function element(block, each, context) {
  return each.type === "image" ? picture(each) : control(block, each, context);
}

/** Pictures are named, not fetched: a card must not make this page call other servers. */
function picture(image) {
  return el("span", { class: "picture", role: "img", "aria-label": image.alt_text },
    icon("M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4"), image.alt_text);
}

function input(block, context) {
  const id = `input-${block.block_id}-${block.element.action_id}`.replace(/\W/g, "-");
  const isChoice = ["radio_buttons", "checkboxes"].includes(block.element.type);
  const fault = context.errors?.[block.block_id];
  const name = [el("span", { dir: "auto" }, block.label.text),
    block.optional ? el("span", { class: "optional" }, " (optional)") : null];
  const node = el(isChoice ? "fieldset" : "div", { class: `block input${fault ? " faulty" : ""}` },
    isChoice ? el("legend", {}, ...name) : el("label", { for: id }, ...name),
    control(block, block.element, { ...context, id, isInput: true, describedBy: `${id}-note` }),
    el("div", { id: `${id}-note`, class: "note" },
      fault
        ? el("span", { class: "fault", role: "alert", "data-testid": `error-${block.block_id}` }, fault)
        : block.hint ? el("span", { class: "hint" }, block.hint.text) : ""));
  return node;
}

function table(block) {
  const [head, ...rows] = block.rows;
  const cell = (tag, given, at) => el(tag, {
    class: block.column_settings?.[at]?.align === "right" ? "right" : null,
    scope: tag === "th" ? "col" : null, dir: "auto",
  }, ...cellBody(given));
  return el("div", { class: "block table", tabindex: "0", role: "region", "aria-label": "Table" }, el("table", {},
    el("thead", {}, el("tr", {}, ...head.map((given, at) => cell("th", given, at)))),
    el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((given, at) => cell("td", given, at)))))));
}

const cellBody = (cell) => cell.type === "raw_text" ? [cell.text] : cell.elements.map(rich);

function rich(part) {
  if (part.type === "rich_text_list") {
    return el(part.style === "ordered" ? "ol" : "ul", {}, ...part.elements.map((item) => el("li", {}, ...item.elements.map(span))));
  }
  const inner = (part.elements ?? []).map(span);
  if (part.type === "rich_text_preformatted") return el("pre", {}, el("code", {}, ...inner));
  if (part.type === "rich_text_quote") return el("blockquote", {}, ...inner);
  return el("div", { class: "rich-section", dir: "auto" }, ...inner);
}

function span(part) {
  let node;
  if (part.type === "text") node = document.createTextNode(part.text);
  else if (part.type === "link") node = link(part.url, part.text);
  else if (part.type === "user") node = mention(part.user_id);
  else if (part.type === "broadcast") node = el("span", { class: "mention wide" }, `@${part.range}`);
  else node = document.createTextNode(part.text ?? part.unicode ?? (part.name ? `:${part.name}:` : ""));
  const style = part.style ?? {};
  if (style.code) node = el("code", {}, node);
  if (style.bold) node = el("strong", {}, node);
  if (style.italic) node = el("em", {}, node);
  if (style.strike) node = el("s", {}, node);
  return node;
}
