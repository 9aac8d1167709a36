// Who one is here. Alone in the window both sides share the person; side by side each side has its own.

const isSideBySide = window.top !== window;
const KEY = isSideBySide ? `as ${window.name}` : "as";
// Side by side shows best that one asks and another one approves.
const FIRST = isSideBySide && window.name === "teams" ? "lead" : "agent";

export const remembered = () => localStorage.getItem(KEY) || FIRST;
export const remember = (alias) => localStorage.setItem(KEY, alias);
