// The message box: Enter sends, Shift+Enter breaks the line, "/" and "@" complete.

import { act } from "./api.js";
import { avatar, el, icon, ICONS } from "./dom.js";
import { store } from "./store.js";

const drafts = new Map();

export function composer({ channel, threadTs = null, placeholder, id }) {
  const key = `${channel.id}:${threadTs ?? ""}`;
  const box = el("textarea", {
    id, rows: 1, placeholder, "aria-label": placeholder, "data-testid": threadTs ? "thread-composer" : "composer",
    autocomplete: "off", dir: "auto", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${id}-list`,
  });
  box.value = drafts.get(key) ?? "";
  const list = el("div", { id: `${id}-list`, class: "completions", role: "listbox", "aria-label": "Suggestions", hidden: true, "data-testid": "completions" });
  const send = el("button", { type: "button", class: "send", "aria-label": "Send", "data-testid": threadTs ? "thread-send" : "send", onclick: () => submit() }, icon(ICONS.send));
  let found = [];
  let at = 0;

  const grow = () => {
    box.rows = Math.min(8, box.value.split("\n").length);
    drafts.set(key, box.value);
    send.disabled = !box.value.trim();
  };
  const show = () => {
    found = completions(box.value.slice(0, box.selectionStart));
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
  const take = (each) => {
    const before = box.value.slice(0, box.selectionStart).replace(each.pattern, each.text);
    box.value = before + box.value.slice(box.selectionStart);
    box.setSelectionRange(before.length, before.length);
    found = [];
    mark();
    grow();
  };
  async function submit() {
    const text = box.value;
    if (!text.trim()) return;
    box.value = "";
    grow();
    found = [];
    mark();
    const isCommand = store.data.commands.some((command) => text.trim().split(/\s/)[0] === command.name);
    const answer = await act(isCommand ? "command" : "say", { as: store.as, channel: channel.id, text, thread_ts: threadTs ?? undefined });
    if (!answer.ok && !box.value) {
      box.value = text; // nothing that somebody wrote is lost
      grow();
    }
  }
  box.addEventListener("input", () => { grow(); show(); });
  box.addEventListener("blur", () => { found = []; mark(); });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (found.length && step) {
      event.preventDefault();
      at = (at + step + found.length) % found.length;
      mark();
    } else if (found.length && (event.key === "Tab" || event.key === "Enter")) {
      event.preventDefault();
      take(found[at]);
    } else if (found.length && event.key === "Escape") {
      event.stopPropagation();
      found = [];
      mark();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
  });
  grow();
  return el("div", { class: "composer" }, list, el("div", { class: "composer-box" }, box, send));
}

function completions(before) {
  const slash = /^\/\S*$/.exec(before);
  if (slash) {
    return store.data.commands.filter((command) => command.name.startsWith(slash[0]) && command.name !== slash[0])
      .map((command) => ({ mark: icon(ICONS.bolt), label: `${command.name} ${command.usage_hint}`, note: command.description, pattern: /^\/\S*$/, text: `${command.name} ` }));
  }
  const words = subcommands(before);
  if (words) return words;
  const at = /(?:^|\s)@([\w ]{0,20})$/.exec(before);
  if (!at) return [];
  const wanted = at[1].toLowerCase();
  return store.data.people.filter((person) => !person.deleted && person.real_name.toLowerCase().startsWith(wanted)
    && person.real_name.toLowerCase() !== wanted.trimEnd())
    .sort((a, b) => Number(b.is_bot) - Number(a.is_bot)).slice(0, 6)
    .map((person) => ({ mark: avatar(person, person.is_bot), label: person.real_name, note: person.is_bot ? "app" : person.profile.title, pattern: /@[\w ]{0,20}$/, text: `@${person.real_name} ` }));
}

/** The words that a command's hint lists, such as [help | status]. */
function subcommands(before) {
  const typed = /^(\/\S+) (\w*)$/.exec(before);
  const command = typed && store.data.commands.find((each) => each.name === typed[1]);
  if (!command) return null;
  const words = command.usage_hint.replace(/[[\]]/g, "").split("|").map((word) => word.trim().split(" ")[0]).filter(Boolean);
  return words.filter((word) => word.startsWith(typed[2]) && word !== typed[2])
    .map((word) => ({ mark: icon(ICONS.bolt), label: word, note: `${command.name} ${word}`, pattern: /\w*$/, text: word }));
}
