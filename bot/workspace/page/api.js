// Talks to the workspace: one function for what a person does, one live connection for news.

import { toast } from "./dom.js";

/** POST; answers the body and its `status`, with `ok` false and a toast when it was refused. */
export async function act(path, body, { quiet = false } = {}) {
  let answer;
  try {
    const response = await fetch(`/page/api/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    answer = { ...await response.json(), status: response.status };
  } catch {
    answer = { ok: false, error: "The workspace does not answer. Is it still running?" };
  }
  if (!answer.ok && !quiet) toast(answer.error);
  return answer;
}

export async function see(path, query) {
  const response = await fetch(`/page/api/${path}?${new URLSearchParams(query)}`);
  const answer = await response.json();
  if (!answer.ok) throw Object.assign(new Error(answer.error), { status: response.status });
  return answer;
}

/** Follow changes of these kinds after `number`; `onReset` means everything has to be loaded again. */
export function follow({ as, epoch, number, kinds }, { onChange, onReset, onState }) {
  const source = new EventSource(`/page/api/feed?${new URLSearchParams({ as, epoch, after: number })}`);
  for (const kind of kinds) {
    source.addEventListener(kind, (event) => onChange(kind, JSON.parse(event.data)));
  }
  source.addEventListener("reset", () => {
    source.close();
    onReset();
  });
  source.onopen = () => onState(true);
  source.onerror = () => {
    onState(false);
    if (source.readyState === EventSource.CLOSED) setTimeout(onReset, 1000);
  };
  return source;
}
