// The App Home: what the bot published for this person.

import { act } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { backButton } from "./channel.js";
import { avatar, el } from "./dom.js";
import { store } from "./store.js";

const main = document.getElementById("main");

export function drawHome() {
  const view = store.data.home;
  const state = {};
  const use = (block, element, value) => act("view-action", {
    as: store.as, view_id: view.id, block_id: block.block_id, action_id: element.action_id, value, values: state,
  });
  document.title = `Assent home · ${store.data.team}`;
  main.replaceChildren(
    el("header", { class: "head" }, backButton("Conversations"), avatar(null, true),
      el("div", {}, el("h1", {}, "Assent"), el("p", {}, "Your home in this app"))),
    el("div", { class: "home", "data-testid": "home" },
      view?.blocks.length
        ? renderBlocks(view.blocks, { use, state, scope: view.id })
        : el("div", { class: "empty" }, el("h2", {}, "Nothing published yet"), el("p", {}, "The app fills this page when it is connected."))));
}
