// The switch between the two sides of the workspace; the person stays the same.

import { el } from "./dom.js";

const SIDES = [["Slack", "/", "slack"], ["Teams", "/teams", "teams"], ["Both", "/both", "both"]];

/** Links to the sides; no words where the page is itself one half of both. */
export function sides(here) {
  if (window.top !== window) return "";
  return el("div", { class: "sides", role: "navigation", "aria-label": "Side of the workspace" }, ...SIDES.map(([name, address, side]) => el("a", {
    href: address, class: `side ${side}`, "aria-current": side === here ? "page" : null, "data-testid": `side-${side}`,
  }, name)));
}
