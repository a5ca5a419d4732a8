// What an operator does to alerts, one or many: ask for what is missing, send, offer to take it back.
import { post } from "./api.js";
import { ask, ends, h, icon, toast } from "./dom.js";
import { cap, t, today } from "./i18n.js";

const AT_ONCE = 4;
const UNVISITED = ["open", "acknowledged", "snoozed"];

/** Every action of the queue: its key, the states it may start from, the symbol of the state it leads to. */
export const ACTIONS = {
  acknowledge: { key: "a", from: UNVISITED, symbol: "acknowledged" },
  dispatch: { key: "d", from: UNVISITED, symbol: "dispatched" },
  dismiss: { key: "f", from: [...UNVISITED, "dispatched"], symbol: "dismissed" },
  snooze: { key: "s", from: UNVISITED, symbol: "snoozed" },
  reopen: { key: "u", from: ["acknowledged", "snoozed", "dispatched", "confirmed", "dismissed", "resolved"], symbol: "open" },
};

/** Take `action` on `alerts`; `updated` gets each alert as it stands afterwards. */
export async function act(action, alerts, updated) {
  const able = alerts.filter((alert) => ACTIONS[action].from.includes(alert.state));
  if (!able.length) return void toast(t("ui.queue", "not_from_here", { action: cap("action", action) }), { bad: true });
  const details = await askDetails(action, able, alerts.length - able.length);
  if (!details) return;
  const done = await sendAll(able.map((alert) => [alert, [{ action, ...details }]]), updated);
  if (done.length) announce(action, done, updated);
}

function announce(action, done, updated) {
  const text = t("ui.queue", "acted", { action: cap("action", action), count: done.length });
  const takeBack = async () => {
    const back = await sendAll(done.map((alert) => [alert, stepsBackTo(alert)]), updated);
    toast(t("ui.queue", "undone", { count: back.length }));
  };
  toast(text, { undo: takeBack });
}

// An alert is opened again, and then put where it was: the history keeps both steps.
function stepsBackTo({ state, until }) {
  const reason = t("ui.common", "undo");
  if (state === "open") return [{ action: "reopen", reason }];
  const again = { acknowledged: "acknowledge", snoozed: "snooze", dispatched: "dispatch" }[state];
  return [{ action: "reopen", reason }, again && { action: again, reason, until }].filter(Boolean);
}

/** Send to each alert its requests in turn, a few alerts at once; answers with those that went well, as they were. */
async function sendAll(jobs, updated) {
  const done = [];
  const failed = [];
  const queue = [...jobs];
  const work = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      const [alert, requests] = job;
      try {
        for (const request of requests) updated(await post(`/alerts/${alert.id}/actions`, request));
        done.push(alert);
      } catch (error) {
        failed.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (failed.length) toast(t("ui.queue", "failed", { count: failed.length, reason: failed[0].message }), { bad: true });
  return done;
}

/** What an action needs beyond its name; null when the operator thinks better of it. One alert needs no asking twice. */
async function askDetails(action, alerts, left) {
  const fields = { dismiss: reasonFields, snooze: untilFields }[action];
  if (!fields && alerts.length === 1) return {};
  const headline = [
    h("h2", {}, icon(ACTIONS[action].symbol), ` ${t("ui.queue", "will_act", { action: cap("action", action), count: alerts.length })}`),
    h("p.quiet", {}, breakdown(alerts), left ? ` ${t("ui.queue", "left_out", { count: left })}` : "")];
  return ask([headline, fields?.() ?? [], ends(cap("action", action))],
    (form) => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()])));
}

function reasonFields() {
  const box = h("textarea", { name: "reason", required: true, rows: 3, maxLength: 500, autofocus: true });
  const take = (text) => () => { box.value = text; box.focus(); };
  const picks = ["relative", "away", "carer", "device", "registered"].map((key) => t("ui.queue", `reason_${key}`));
  return [h("label.field", {}, h("span", {}, t("ui.queue", "ask_reason")), box),
    h("div.picks", {}, picks.map((text) => h("button.btn", { type: "button", onclick: take(text) }, text)))];
}

function untilFields() {
  const box = h("input", { type: "date", name: "until", required: true, min: today(1), max: today(90), value: today(7) });
  const take = (count) => () => { box.value = today(count); };
  return [h("label.field", {}, h("span", {}, t("ui.queue", "ask_until")), box),
    h("div.picks", {}, [3, 7, 14, 30].map((count) => h("button.btn", { type: "button", onclick: take(count) }, t("ui.queue", "days", { count }))))];
}

function breakdown(alerts) {
  const counts = new Map();
  for (const { kind } of alerts) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${t("kind", kind)} ${count}`).join(t("ui.common", "comma"));
}
