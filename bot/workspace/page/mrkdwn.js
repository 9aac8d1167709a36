// Slack's mrkdwn and plain markdown as DOM nodes. Everything arrives as text nodes.

import { el, visible } from "./dom.js";
import { channelOf, nameOf, store } from "./store.js";

const NESTING_MAX = 4;
// Signs of this page's own where a card states a fact; pictures from the system's font otherwise.
const SIGNS = {
  white_check_mark: ["\u2713", "good", "yes"], heavy_check_mark: ["\u2713", "good", "yes"],
  x: ["\u2717", "bad", "no"], no_entry: ["\u2717", "bad", "no"], warning: ["!", "warn", "warning"],
  large_green_circle: ["\u25cf", "good", "green"], large_yellow_circle: ["\u25cf", "warn", "yellow"],
  red_circle: ["\u25cf", "bad", "red"], information_source: ["i", "plain", "information"],
  question: ["?", "plain", "question"], arrow_right: ["\u2192", "plain", "to"],
  leftwards_arrow_with_hook: ["\u21a9", "plain", "undo"],
};
const PICTURES = {
  hourglass: "⏳", hourglass_flowing_sand: "⏳", eyes: "👀", lock: "🔒", bulb: "💡", moneybag: "💰", tada: "🎉",
  wave: "👋", memo: "📝", clock3: "🕒", rotating_light: "🚨", thumbsup: "👍", package: "📦", truck: "🚚", mag: "🔍",
};
const BY_PICTURE = { "✅": "white_check_mark", "❌": "x", "⚠️": "warning", "⛔": "no_entry" };

/** Text whose :names: and common status pictures are drawn. */
function drawn(text) {
  return text.split(/(:[a-z0-9_+-]+:|✅|❌|⚠️|⛔)/).filter(Boolean).map((part) => {
    const name = BY_PICTURE[part] ?? (part.length > 2 && part.startsWith(":") && part.endsWith(":") ? part.slice(1, -1) : null);
    const sign = name && SIGNS[name];
    if (sign) return el("span", { class: `sign ${sign[1]}`, role: "img", "aria-label": sign[2] }, sign[0]);
    return document.createTextNode((name && PICTURES[name]) ?? part);
  });
}

const unescape = (text) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const leaf = (text) => drawn(visible(unescape(text)));

const MARKS = [
  [/```\n?([\s\S]+?)\n?```/, (m) => el("pre", {}, el("code", {}, visible(unescape(m[1]))))],
  [/`([^`\n]+)`/, (m) => el("code", {}, visible(unescape(m[1])))],
  [/<([^<>\n]+)>/, (m) => reference(m[1])],
  [/(?<![\w*])\*(?=\S)([^*\n]*[^*\s])\*(?![\w*])/, (m, d) => el("strong", {}, ...inline(m[1], d))],
  [/(?<![\w_])_(?=\S)([^_\n]*[^_\s])_(?![\w_])/, (m, d) => el("em", {}, ...inline(m[1], d))],
  [/(?<![\w~])~(?=\S)([^~\n]*[^~\s])~(?![\w~])/, (m, d) => el("s", {}, ...inline(m[1], d))],
];

function inline(text, depth) {
  if (depth > NESTING_MAX) return leaf(text);
  const nodes = [];
  while (text) {
    let first = null;
    for (const [pattern, make] of MARKS) {
      const match = pattern.exec(text);
      if (match && (!first || match.index < first.match.index)) first = { match, make };
    }
    if (!first) break;
    if (first.match.index) nodes.push(...leaf(text.slice(0, first.match.index)));
    nodes.push(first.make(first.match, depth + 1));
    text = text.slice(first.match.index + first.match[0].length);
  }
  if (text) nodes.push(...leaf(text));
  return nodes;
}

function reference(inner) {
  const [target, label] = inner.split("|", 2);
  if (target.startsWith("@")) return mention(target.slice(1));
  if (target.startsWith("#")) {
    return el("span", { class: "mention" }, `#${channelOf(target.slice(1))?.name ?? label ?? "channel"}`);
  }
  if (target.startsWith("!subteam^")) {
    const group = store.data.groups.find((each) => target.slice(9).startsWith(each.id));
    return el("span", { class: "mention" }, `@${group?.handle ?? label ?? "group"}`);
  }
  if (target.startsWith("!date^")) return document.createTextNode(dateMark(target, label));
  if (target.startsWith("!")) return el("span", { class: "mention wide" }, `@${target.slice(1)}`);
  return link(unescape(target), label ? unescape(label) : null);
}

export function mention(id) {
  const mine = id === store.data.me ? " me" : "";
  return el("span", { class: `mention${mine}` }, `@${nameOf(id)}`);
}

export function link(address, label) {
  if (!/^(https?|mailto):/i.test(address)) return document.createTextNode(visible(label ?? address));
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, visible(label ?? address));
}

function dateMark(target, fallback) {
  const [, seconds, form] = target.split("^");
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return fallback ?? "";
  const clock = (second) => date.toLocaleTimeString(undefined, { hour: "numeric", minute: "2-digit", second });
  return (form ?? "{date_short} {time}")
    .replace(/\{date[a-z_]*\}/g, (name) => day(date, name.endsWith("_pretty}")))
    .replace("{time_secs}", clock("2-digit")).replace("{time}", clock());
}

/** A day as Slack says it: the pretty forms know yesterday, today and tomorrow. */
function day(date, isPretty) {
  const midnight = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate());
  const daysFromToday = Math.round((midnight(date) - midnight(new Date())) / 86_400_000);
  const near = isPretty && { "-1": "yesterday", 0: "today", 1: "tomorrow" }[daysFromToday];
  return near || date.toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

/** mrkdwn: lines, quotes and lists around inline marks. */
export function mrkdwn(text) {
  const parts = [];
  for (const piece of text.split(/(```[\s\S]+?```)/)) {
    if (piece.startsWith("```") && piece.length > 6) parts.push(...inline(piece, 0));
    else parts.push(...lines(piece));
  }
  return el("div", { class: "mrkdwn", dir: "auto" }, ...parts);
}

function lines(text) {
  const nodes = [];
  let quote = null;
  text.replace(/^\n|\n$/g, "").split("\n").forEach((line, index, all) => {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quoted) {
      if (!quote) nodes.push(quote = el("blockquote"));
      else quote.append(el("br"));
      quote.append(...inline(quoted[1], 0));
      return;
    }
    quote = null;
    nodes.push(...inline(line, 0));
    if (index < all.length - 1 && !/^(?:&gt;|>)/.test(all[index + 1])) nodes.push(el("br"));
  });
  return nodes;
}

/** The `markdown` block: headings, lists, bold, code, links; a small honest subset. */
export function markdown(text) {
  const root = el("div", { class: "mrkdwn", dir: "auto" });
  let list = null;
  for (const piece of text.split(/(```[\s\S]+?```)/)) {
    if (piece.startsWith("```") && piece.length > 6) {
      root.append(el("pre", {}, el("code", {}, visible(piece.slice(3, -3).replace(/^\w*\n/, "")))));
      continue;
    }
    for (const line of piece.split("\n")) {
      const item = /^\s*(?:[-*]|\d+\.) (.*)$/.exec(line);
      const heading = /^#{1,6} (.*)$/.exec(line);
      if (!item) list = null;
      if (item) {
        if (!list) root.append(list = el("ul"));
        list.append(el("li", {}, ...marked(item[1])));
      } else if (heading) root.append(el("h4", {}, ...marked(heading[1])));
      else if (line.trim()) root.append(el("p", {}, ...marked(line)));
    }
  }
  return root;
}

function marked(line) {
  const nodes = [];
  const pattern = /\*\*(.+?)\*\*|~~(.+?)~~|`(.+?)`|\[([^\]]+)\]\(([^)\s]+)\)|\*(.+?)\*/g;
  let at = 0;
  for (const m of line.matchAll(pattern)) {
    nodes.push(document.createTextNode(visible(line.slice(at, m.index))));
    if (m[1]) nodes.push(el("strong", {}, visible(m[1])));
    else if (m[2]) nodes.push(el("s", {}, visible(m[2])));
    else if (m[3]) nodes.push(el("code", {}, visible(m[3])));
    else if (m[4]) nodes.push(link(m[5], m[4]));
    else nodes.push(el("em", {}, visible(m[6])));
    at = m.index + m[0].length;
  }
  nodes.push(document.createTextNode(visible(line.slice(at))));
  return nodes;
}

/** A text object of a block. */
export function textOf(object) {
  if (!object) return "";
  if (object.type === "mrkdwn") return mrkdwn(object.text);
  return el("span", { dir: "auto" }, ...drawn(visible(object.text)));
}
