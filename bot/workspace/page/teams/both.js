// Both sides at once: two frames of this page's own, each with a person of its own.

import { sides } from "../sides.js";
import { el } from "../dom.js";

document.getElementById("bar").replaceChildren(
  el("strong", {}, "Northwind"), el("p", {}, "Slack on the left, Teams on the right; each side has a person of its own."), sides("both"));
