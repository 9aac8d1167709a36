// Who one is here. Alone in the window both sides share the person; side by side each side has its own.

const isSideBySide = window.top !== window;
export const keyOf = (side) => `as ${side}`;
const KEY = isSideBySide ? keyOf(window.name) : "as";
// Side by side shows best that one asks and another one approves.
export const FIRST = { slack: "agent", teams: "lead" };

export const remembered = () => localStorage.getItem(KEY) || (isSideBySide && FIRST[window.name]) || "agent";
export const remember = (alias) => localStorage.setItem(KEY, alias);

/** Side by side the bar above chooses, too. Two windows stay two people. */
export function onChosenAbove(choose) {
  if (!isSideBySide) return;
  addEventListener("storage", (event) => {
    if (event.key === KEY && event.newValue) choose(event.newValue);
  });
}
