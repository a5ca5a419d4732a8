// Changes of alerts as they happen: one socket a tab, resumed with the last `seq` seen.
import { query } from "./api.js";
import { connection } from "./dom.js";
import { lang } from "./i18n.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30000;
const LOGIN_OVER = 4401;

/**
 * Hold the socket open for ever. `changed` runs once for each change after `since`; where none was named and none
 * seen, `missed` runs after an interruption instead.
 */
export function listen({ since = null, changed, missed = () => {} }) {
  let last = since;
  let failures = 0;

  function connect() {
    connection(failures ? "lost" : "waiting");
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/alerts/live${query({ lang, since: last === null ? null : String(last) })}`);
    socket.onopen = () => {
      if (failures && last === null) missed();
      failures = 0;
      connection("live");
    };
    socket.onmessage = (event) => {
      const change = JSON.parse(event.data);
      if (typeof change.seq !== "number" || (last !== null && change.seq <= last)) return;
      last = change.seq;
      changed(change);
    };
    socket.onclose = ({ code }) => {
      if (code === LOGIN_OVER) return void location.reload();
      failures += 1;
      connection("lost");
      setTimeout(connect, wait());
    };
  }

  // Full jitter: after an outage a hundred tabs do not knock together.
  const wait = () => FIRST_WAIT_MS + Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
  connect();
}
