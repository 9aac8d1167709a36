// The open conversation: a channel's posts with their replies, or a chat's messages; its head, its box.

import { act } from "../api.js";
import { dateOf, dayOf, el, focusBox, icon, ICONS } from "../dom.js";
import { menuButton } from "../menu.js";
import { composer } from "./composer.js";
import { renderMessage } from "./message.js";
import { awaited } from "./pressing.js";
import { changed, conversationOf, isOwn, loadOlder, messagesIn, store } from "./store.js";

const main = document.getElementById("main");
const PAGE_MESSAGES = 100;
const NEAR_THE_END_PIXELS = 160;
const REPLIES_SHOWN = 6; // a longer thread shows its newest ones and a button for those before
const unfolded = new Set(); // the posts of which every reply is shown
const replying = new Set(); // the posts whose reply box is open
let list = null;
let isAtEnd = true; // whether the reader follows the newest message; a narrower pane does not change it
let seenWidth = 0;
const resizes = new ResizeObserver(() => {
  seenWidth = list.clientWidth;
  if (isAtEnd) goToEnd();
});

const isRoot = (message) => message.thread === message.id || !message.thread;

export function drawConversation() {
  const conversation = conversationOf(store.place);
  if (!conversation) {
    main.replaceChildren(head({ name: store.data.team.name, kind: "none" }), nothing("Nothing to see here", "This person is in no conversation of this team."));
    return;
  }
  const isChannel = conversation.kind === "channel";
  list = el("div", { class: `messages ${isChannel ? "posts" : "chat"}`, role: "log", "aria-label": "Messages", tabindex: "0", "data-testid": "messages" });
  main.replaceChildren(head(conversation), list, composer({
    conversation, id: "composer-text", placeholder: isChannel ? "Start a post" : "Type a message",
  }));
  document.title = `${titleOf(conversation)} · Teams · ${store.data.team.name}`;
  fill();
  goToEnd();
  list.addEventListener("scroll", scrolled, { passive: true });
  resizes.disconnect();
  resizes.observe(list);
}

const titleOf = (conversation) => (conversation.kind === "personal" ? "Assent" : conversation.name);

function head(conversation) {
  const { kind, has_bot: hasBot, members } = conversation;
  const about = {
    channel: `Channel of ${store.data.team.name} · ${counted(members)}${hasBot ? "" : " · Assent is not here"}`,
    group: `Group chat · ${counted(members)}${hasBot ? "" : " · Assent is not here"}`,
    personal: "Chat with the app",
  };
  const install = { content: [icon(ICONS.bolt), hasBot ? "Remove Assent" : "Add Assent"], testid: "install",
    take: () => act("teams/install", { as: store.as, conversation: conversation.id, is_in: !hasBot }) };
  return el("header", { class: "head" },
    el("button", { type: "button", class: "tool back", "aria-label": "Channels and chats", "data-testid": "back", onclick: () => changed({ pane: "sidebar" }) }, icon(ICONS.back)),
    el("div", {}, el("h1", {}, titleOf(conversation)), el("p", {}, about[kind] ?? "")),
    kind === "none" ? null : menuButton({ label: "Conversation", testid: "conversation-menu", buttonClass: "tool", items: [install] }));
}

const counted = (members) => `${members.length} ${members.length === 1 ? "person" : "people"}`;
const nothing = (title, words) => el("div", { class: "empty" }, el("h2", {}, title), el("p", {}, words));

const gapBelow = () => list.scrollHeight - list.scrollTop - list.clientHeight;

/** Only the reader's own scrolling counts, not what a changed width did to the text. */
function scrolled() {
  if (list.clientWidth === seenWidth) isAtEnd = gapBelow() < NEAR_THE_END_PIXELS;
}

function goToEnd() {
  isAtEnd = true;
  const last = list.lastElementChild;
  const isTall = last && last.offsetHeight > list.clientHeight;
  list.scrollTop = isTall && !list.classList.contains("posts") ? last.offsetTop - list.offsetTop : list.scrollHeight;
}

function fill() {
  const conversation = conversationOf(store.place);
  const messages = messagesIn(store.place);
  const roots = conversation.kind === "channel" ? messages.filter(isRoot) : messages;
  const nodes = messages.length >= PAGE_MESSAGES ? [olderButton()] : [];
  let previous = null;
  for (const message of roots) {
    if (!previous || dateOf(previous.at / 1000).toDateString() !== dateOf(message.at / 1000).toDateString()) nodes.push(day(message));
    nodes.push(conversation.kind === "channel" ? post(message) : draw(message));
    previous = message;
  }
  if (!roots.length) nodes.push(welcome(conversation));
  list.replaceChildren(...nodes);
}

const day = (message) => el("div", { class: "day", role: "separator" }, el("span", {}, dayOf(message.at / 1000)));

function welcome({ kind }) {
  return kind === "personal"
    ? nothing("Ask Assent in private", "Write what should happen, in your own words.")
    : nothing("Nothing here yet", "Mention @Assent and say what should happen. Try “@Assent refund $40 on order 1043, arrived damaged”.");
}

const draw = (message) => renderMessage(message, refreshMessage);

/** A post: the message that began it, its replies, a box for one more. */
function post(root) {
  const node = el("section", { class: "post", "data-post": root.id, "data-testid": "post", "aria-label": "Post" },
    draw(root), el("div", { class: "replies" }), el("footer", { class: "post-foot" }));
  fillReplies(node, root.id);
  fillFoot(node, root);
  return node;
}

function fillReplies(node, rootId) {
  const replies = messagesIn(store.place).filter((message) => message.thread === rootId && message.id !== rootId);
  const hidden = unfolded.has(rootId) ? 0 : Math.max(0, replies.length - REPLIES_SHOWN);
  const unfold = hidden ? el("button", {
    type: "button", class: "unfold", "data-testid": "unfold", onclick: () => { unfolded.add(rootId); fillReplies(node, rootId); },
  }, `${hidden} earlier ${hidden === 1 ? "reply" : "replies"}`) : "";
  node.querySelector(".replies").replaceChildren(unfold, ...replies.slice(hidden).map(draw));
}

function fillFoot(node, root) {
  const foot = node.querySelector(".post-foot");
  const id = `reply-${root.id}`.replace(/\W/g, "-");
  if (replying.has(root.id)) {
    foot.replaceChildren(composer({ conversation: conversationOf(store.place), thread: root.id, placeholder: "Reply", id,
      onLeave: () => { replying.delete(root.id); fillFoot(node, root); foot.querySelector("button")?.focus(); } }));
    return;
  }
  foot.replaceChildren(el("button", {
    type: "button", class: "reply", "data-testid": "reply",
    onclick: () => { replying.add(root.id); fillFoot(node, root); focusBox(`#${id}`); },
  }, icon(ICONS.chat), "Reply"));
}

/** Show a message of this conversation, where it is still among those that are loaded. */
export function reveal(id) {
  const shown = list?.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (!shown) return;
  isAtEnd = false;
  shown.scrollIntoView({ block: "start" });
  shown.focus({ preventScroll: true });
}

/** Draw one message anew, or where it belongs, and stay where the reader is. */
export function refreshMessage(message) {
  if (!list?.isConnected) return;
  const top = list.scrollTop;
  const shown = list.querySelector(`[data-id="${CSS.escape(message.id)}"]`);
  if (shown) redraw(shown, message);
  else insert(message);
  if (isAtEnd || (!shown && isOwn(message))) goToEnd();
  else list.scrollTop = top;
  if (awaited.delete(message.id)) showHead(message.id);
}

function insert(message) {
  const holder = message.thread && list.querySelector(`[data-post="${CSS.escape(message.thread)}"]`);
  if (!messagesIn(store.place).includes(message)) return;
  if (holder) fillReplies(holder, message.thread);
  else fill();
}

/** What a press was answered stands first on its card. */
function showHead(id) {
  const shown = list.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (shown?.getBoundingClientRect().top < list.getBoundingClientRect().top) shown.scrollIntoView({ block: "start" });
}

/** The new drawing takes the focus that the old one had. */
function redraw(shown, message) {
  const active = shown.contains(document.activeElement) ? document.activeElement : null;
  const fresh = draw(message);
  shown.replaceWith(fresh);
  if (!active) return;
  const same = active.dataset.testid && fresh.querySelector(`[data-testid="${CSS.escape(active.dataset.testid)}"]`);
  (same || fresh).focus({ preventScroll: true });
}

function olderButton() {
  return el("button", { type: "button", class: "button older", onclick: () => loadOlder(store.place) }, "Older messages");
}
