// The message box: Enter sends, Shift+Enter breaks the line, "@" completes, a button mentions Assent.

import { act } from "../api.js";
import { avatar, el, icon, ICONS } from "../dom.js";
import { store } from "./store.js";

const drafts = new Map();
const SUGGESTIONS_MAX = 8;

/** With `thread` it replies to a post, and `onLeave` is called when Escape leaves it empty. */
export function composer({ conversation, thread = "", placeholder, id, onLeave = () => {} }) {
  const key = `${conversation.id}:${thread}`;
  const box = el("textarea", {
    id, rows: 1, placeholder, "aria-label": placeholder, "data-testid": thread ? "thread-composer" : "composer",
    autocomplete: "off", dir: "auto", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${id}-list`,
  });
  box.value = drafts.get(key) ?? "";
  const list = el("div", { id: `${id}-list`, class: "completions", role: "listbox", "aria-label": "Suggestions", hidden: true, "data-testid": "completions" });
  const send = el("button", { type: "button", class: "send", "aria-label": "Send", "data-testid": thread ? "thread-send" : "send", onclick: () => submit() }, icon(ICONS.send));
  const mention = el("button", { type: "button", class: "mention-button", "aria-label": "Mention Assent", "data-testid": "mention", onclick: mentionBot }, `@${store.data.bot.name}`);
  let found = [];
  let at = 0;

  const grow = () => {
    box.rows = Math.min(8, box.value.split("\n").length);
    drafts.set(key, box.value);
    send.disabled = !box.value.trim();
    mention.hidden = conversation.kind === "personal" || isMentioned(box.value);
  };
  const suggest = () => {
    found = completions(box.value.slice(0, box.selectionStart), conversation);
    at = 0;
    mark();
  };
  const mark = () => {
    list.hidden = !found.length;
    box.setAttribute("aria-expanded", String(!list.hidden));
    list.replaceChildren(...found.map((each, index) => el("div", {
      role: "option", id: `${id}-option-${index}`, class: "completion", "aria-selected": String(index === at),
      "data-testid": "completion", onmousedown: (event) => { event.preventDefault(); take(each); },
    }, each.mark, el("strong", {}, each.label), el("span", {}, each.note))));
    if (found.length) box.setAttribute("aria-activedescendant", `${id}-option-${at}`);
    else box.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    found = [];
    mark();
  };
  function take(each) {
    const before = box.value.slice(0, box.selectionStart).replace(each.pattern, each.text);
    box.value = before + box.value.slice(box.selectionStart);
    box.setSelectionRange(before.length, before.length);
    close();
    grow();
  }
  function mentionBot() {
    box.value = `@${store.data.bot.name} ${box.value.trimStart()}`;
    grow();
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
    suggest();
  }
  async function submit() {
    const text = box.value;
    if (!text.trim()) return;
    box.value = "";
    grow();
    close();
    const answer = await act("teams/say", { as: store.as, conversation: conversation.id, text, thread: thread || undefined });
    if (!answer.ok && !box.value) {
      box.value = text; // nothing that somebody wrote is lost
      grow();
    }
  }
  box.addEventListener("input", () => { grow(); suggest(); });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (found.length && step) {
      event.preventDefault();
      at = (at + step + found.length) % found.length;
      mark();
    } else if (found.length && !event.shiftKey && (event.key === "Tab" || event.key === "Enter")) {
      event.preventDefault();
      take(found[at]);
    } else if (found.length && event.key === "Escape") {
      event.stopPropagation();
      close();
    } else if (event.key === "Escape" && !box.value.trim()) {
      onLeave();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
  });
  grow();
  return el("div", { class: "composer" }, list, el("div", { class: "composer-box" }, box, mention, send));
}

const isMentioned = (text) => text.toLowerCase().includes(`@${store.data.bot.name.toLowerCase()}`);

function completions(before, { kind, members, has_bot: hasBot }) {
  const told = commands(before, kind);
  if (told.length) return told;
  const at = /(?:^|\s)@([\w ]{0,20})$/.exec(before);
  if (!at) return [];
  const wanted = at[1].toLowerCase();
  const bot = { ...store.data.bot, real_name: store.data.bot.name, isBot: true };
  const people = store.data.people.filter((person) => members.includes(person.alias) && person.alias !== store.as);
  return [...(hasBot ? [bot] : []), ...people]
    .filter(({ real_name: name }) => name.toLowerCase().startsWith(wanted) && name.toLowerCase() !== wanted.trimEnd())
    .slice(0, SUGGESTIONS_MAX).map((person) => ({
      mark: avatar(person, person.isBot), label: person.real_name, note: person.isBot ? "app" : "",
      pattern: /@[\w ]{0,20}$/, text: `@${person.real_name} `,
    }));
}

/** The commands of the app's menu, once it is addressed and a letter narrows them down. */
function commands(before, kind) {
  const typed = new RegExp(kind === "personal" ? "^(\\w+)$" : `^@${store.data.bot.name}\\s+(\\w+)$`, "i").exec(before);
  if (!typed) return [];
  const wanted = typed[1].toLowerCase();
  return store.data.commands.filter(({ title }) => title.toLowerCase().startsWith(wanted) && title.toLowerCase() !== wanted)
    .slice(0, SUGGESTIONS_MAX)
    .map((command) => ({ mark: icon(ICONS.bolt), label: command.title, note: command.description, pattern: /\w+$/, text: command.title }));
}
