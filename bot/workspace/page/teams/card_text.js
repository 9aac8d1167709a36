// The texts of an Adaptive Card: its subset of markdown and its dates. Everything arrives as text nodes.

import { el, visible } from "../dom.js";

const NESTING_MAX = 4;
const DATE = /\{\{(DATE|TIME)\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2}))(?:, ?(COMPACT|SHORT|LONG))?\)\}\}/g;
const DAYS = {
  COMPACT: { day: "2-digit", month: "2-digit", year: "numeric" },
  SHORT: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
  LONG: { weekday: "long", day: "numeric", month: "long", year: "numeric" },
};

/** Dates in the reader's zone; a client fills them in before it reads the markdown. */
export const dated = (text) => text.replace(DATE, (whole, kind, at, style) => {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return whole;
  return kind === "TIME"
    ? moment.toLocaleTimeString(undefined, { hour: "numeric", minute: "2-digit" })
    : moment.toLocaleDateString(undefined, DAYS[style ?? "COMPACT"]);
});

// What a backslash or an entity makes literal travels as one of Unicode's 32 noncharacters, which no text may
// hold: there are exactly 32 punctuation marks that markdown can escape.
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const LITERAL_FIRST = 0xfdd0;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0" };

const literal = (mark) => {
  const at = PUNCTUATION.indexOf(mark);
  return at < 0 ? mark : String.fromCharCode(LITERAL_FIRST + at);
};
const held = (text) => text
  .replace(/[\ufdd0-\ufdef]/g, "\ufffd")
  .replace(/\\([!-/:-@[-`{-~])|&(?:(amp|lt|gt|quot|nbsp)|#(\d{1,6})|#[xX]([0-9a-fA-F]{1,6}));/g,
    (whole, escaped, name, decimal, hexadecimal) => {
      if (escaped) return literal(escaped);
      const code = decimal ? Number(decimal) : parseInt(hexadecimal, 16);
      if (!name && (code === 0 || code > 0x10ffff)) return "\ufffd";
      return literal(name ? ENTITIES[name] : String.fromCodePoint(code));
    });
const told = (text) =>
  visible(text.replace(/[\ufdd0-\ufdef]/g, (mark) => PUNCTUATION[mark.charCodeAt(0) - LITERAL_FIRST]));

const MARKS = [
  [/\[([^[\]\n]*)\]\((https?:\/\/[^()\s]+|mailto:[^()\s]+)\)/i, (m, d) => link(told(m[2]), inline(m[1], d))],
  [/\*\*(?=\S)(.+?)(?<=\S)\*\*/s, (m, d) => el("strong", {}, ...inline(m[1], d))],
  [/__(?=\S)(.+?)(?<=\S)__/s, (m, d) => el("strong", {}, ...inline(m[1], d))],
  [/\*(?=[^\s*])([^*]*?)(?<=[^\s*])\*/, (m, d) => el("em", {}, ...inline(m[1], d))],
  [/(?<![\w])_(?=[^\s_])([^_]*?)(?<=[^\s_])_(?![\w])/, (m, d) => el("em", {}, ...inline(m[1], d))],
];

function inline(text, depth) {
  if (depth > NESTING_MAX) return [told(text)];
  const nodes = [];
  while (text) {
    let first = null;
    for (const [pattern, make] of MARKS) {
      const match = pattern.exec(text);
      if (match && (!first || match.index < first.match.index)) first = { match, make };
    }
    if (!first) break;
    if (first.match.index) nodes.push(told(text.slice(0, first.match.index)));
    nodes.push(first.make(first.match, depth + 1));
    text = text.slice(first.match.index + first.match[0].length);
  }
  if (text) nodes.push(told(text));
  return nodes;
}

const link = (address, inner) =>
  el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...inner);

/** Paragraphs and lists as a client draws them: one line break is a space, an empty line a new line. */
export const markdown = (text) => blocks(dated(text));

/** The text of a bot's message: the same marks, no dates. */
export const messageText = (text) => blocks(text);

function blocks(text) {
  const nodes = [];
  for (const paragraph of held(text).split(/\r\n?(?!\n)|(?:\r?\n){2,}/)) {
    let list = null;
    let words = [];
    const flush = () => {
      if (words.length) nodes.push(el("p", {}, ...inline(words.join(" "), 0)));
      words = [];
    };
    for (const line of paragraph.split(/\r?\n/)) {
      const item = /^ {0,3}(?:([-*+])|\d{1,9}[.)]) +(.*)$/.exec(line);
      if (item) {
        flush();
        const kind = item[1] ? "ul" : "ol";
        if (list?.localName !== kind) nodes.push(list = el(kind, { start: kind === "ol" ? parseInt(line, 10) : null }));
        list.append(el("li", {}, ...inline(item[2], 0)));
      } else if (line.trim()) {
        list = null;
        words.push(line.trim());
      }
    }
    flush();
  }
  return nodes;
}

/** A text without markdown. Teams fills in no dates outside a TextBlock (AdaptiveCards#6194), so neither does this. */
export const plain = visible;
