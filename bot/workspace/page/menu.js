// A button with a menu in the top layer, so that no scrolling pane cuts it off.

import { el, icon, ICONS } from "./dom.js";

const GAP_PIXELS = 4;

/** items: [{content, testid, take}]. Arrow keys move, Escape closes and returns the focus. */
export function menuButton({ label, testid, buttonClass, items, onToggle = () => {} }) {
  const menu = el("div", { class: "menu", role: "menu", popover: "manual", onkeydown: steer });
  const open = el("button", {
    type: "button", class: buttonClass, "aria-label": label, "aria-haspopup": "menu", "aria-expanded": "false",
    "data-testid": testid, onclick: () => toggle(!menu.matches(":popover-open")),
  }, icon(ICONS.dots));
  menu.append(...items.map((item) => el("button", {
    type: "button", role: "menuitem", class: "menu-item", "data-testid": item.testid,
    onclick: () => { toggle(false); open.focus({ preventScroll: true }); item.take(); },
  }, ...item.content)));

  function toggle(isOpen) {
    if (isOpen === menu.matches(":popover-open")) return;
    menu.togglePopover(isOpen);
    open.setAttribute("aria-expanded", String(isOpen));
    onToggle(isOpen);
    if (!isOpen) return;
    const anchor = open.getBoundingClientRect();
    const { width, height } = menu.getBoundingClientRect();
    const below = anchor.bottom + GAP_PIXELS;
    const fits = below + height <= innerHeight - GAP_PIXELS;
    menu.style.top = `${fits ? below : Math.max(GAP_PIXELS, anchor.top - height - GAP_PIXELS)}px`;
    menu.style.left = `${Math.max(GAP_PIXELS, Math.min(anchor.right - width, innerWidth - width - GAP_PIXELS))}px`;
    menu.firstElementChild?.focus({ preventScroll: true });
  }

  function steer(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...menu.children];
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  }

  const node = el("div", {
    class: "menu-holder",
    onkeydown: (event) => {
      if (event.key !== "Escape" || !menu.matches(":popover-open")) return;
      event.preventDefault();
      event.stopPropagation();
      toggle(false);
      open.focus();
    },
    onfocusout: (event) => { if (!node.contains(event.relatedTarget)) toggle(false); },
  }, open, menu);
  return node;
}
