// Remembers, here and on the server, up to where a person has read.

import { act } from "./api.js";
import { newestIn, store } from "./store.js";

/** Mark the open conversation as read while somebody looks at it. */
export function markRead() {
  if (!store.data || store.place === "home" || document.hidden) return;
  const newest = newestIn(store.place);
  if (newest <= (store.data.reads[store.place] ?? "0")) return;
  store.data.reads[store.place] = newest;
  act("read", { as: store.as, channel: store.place, ts: newest }, { quiet: true });
}
