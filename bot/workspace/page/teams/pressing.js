// What pressing a button of a message does: the bot is told, or the client follows the link itself.

import { act } from "../api.js";
import { toast } from "../dom.js";
import { conversationOf, go, messagesIn, store } from "./store.js";

const NEWER_MILLISECONDS = 2000; // how long the newer card may take to come over the feed
const LOOK_MILLISECONDS = 50;
const MESSAGE_LINK = /^https:\/\/teams\.microsoft\.com\/l\/message\/([^/?#]+)\/(\d+)/;

/** The messages whose next drawing answers a press of this person: its head is to be seen. */
export const awaited = new Set();

/** Tell the bot. A card that was drawn anew meanwhile is pressed where it still has the very same button. */
export async function press(message, pointer, action, inputs) {
  awaited.add(message.id);
  let answer = await send(message, pointer, inputs);
  if (isChanged(answer)) {
    const newer = await newerThan(message);
    const place = newer && placeOf(newer.card, action);
    if (place) answer = await send(newer, place, inputs);
  }
  if (isChanged(answer)) toast(answer.answer.text);
  else if (!answer.ok) toast(answer.error);
}

const isChanged = ({ answer }) => answer?.kind === "changed";

const send = ({ conversation, id, version }, action, inputs) =>
  act("teams/press", { as: store.as, conversation, message: id, version, action, inputs }, { quiet: true });

async function newerThan(message) {
  for (let waited = 0; waited <= NEWER_MILLISECONDS; waited += LOOK_MILLISECONDS) {
    const now = messagesIn(message.conversation).find((each) => each.id === message.id);
    if (now?.version !== message.version) return now;
    await new Promise((resolve) => { setTimeout(resolve, LOOK_MILLISECONDS); });
  }
  return null;
}

/** Where a card has a button with the same words that sends the same; null for nowhere. */
function placeOf(part, action, path = "") {
  if (part === null || typeof part !== "object") return null;
  if (JSON.stringify(part) === JSON.stringify(action)) return path;
  for (const [name, inner] of Object.entries(part)) {
    const place = placeOf(inner, action, `${path}/${name}`);
    if (place) return place;
  }
  return null;
}

/** Follow a link to a message of this team here; whether it was one. */
export function follow(address) {
  const found = MESSAGE_LINK.exec(address);
  const conversation = found && decodeURIComponent(found[1]);
  if (!conversation || !conversationOf(conversation)) return false;
  go(conversation, found[2]);
  return true;
}
