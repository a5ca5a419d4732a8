// The JSON API of this origin. Every failure is one Error whose message can be shown.
import { keepToday, lang, t } from "./i18n.js";

const BASE = "/api/v1";

/** What the server refused, after RFC 9457; `status` 0: it was not reached. */
export class Problem extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** Whether the same request may succeed later. */
  get passing() {
    return [0, 401, 429].includes(this.status) || this.status >= 500; // after a login the same finding is sent again
  }
}

async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(BASE + path, {
      ...options,
      headers: { Accept: "application/json", "Accept-Language": lang, "Content-Type": "application/json" },
    });
  } catch {
    throw new Problem(0, t("ui.common", "unreachable"));
  }
  const body = await response.json().catch(() => null);
  if (response.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  if (!response.ok) throw new Problem(response.status, body?.detail || body?.title || `HTTP ${response.status}`);
  if (path.startsWith("/estates")) keepToday(body.items);
  const seq = response.headers.get("Estate-Seq");
  return seq === null ? body : { ...body, seq: Number(seq) };
}

/** A query string of what is set; a list repeats its name. */
export function query(params) {
  const pairs = Object.entries(params).flatMap(([name, value]) => [value].flat().filter(Boolean).map((one) => [name, one]));
  const text = new URLSearchParams(pairs).toString();
  return text && `?${text}`;
}

export const get = (path, params = {}) => call(path + query(params));
export const post = (path, body) => call(path, { method: "POST", body: JSON.stringify(body) });

/** All items of a list, page by page, `most` at most; `more` says whether some were left, `seq` where the feed goes on. */
export async function all(path, params = {}, most = 2000) {
  const items = [];
  let cursor = null;
  let seq = null;
  do {
    const part = await get(path, { limit: 200, ...params, cursor });
    items.push(...part.items);
    cursor = part.next;
    seq ??= part.seq;
  } while (cursor && items.length < most);
  return { items, more: Boolean(cursor), seq };
}
