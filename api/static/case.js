// One case: what it rests on, what the tenant says, every step that was taken, and the next one.
import { get, post } from "./api.js";
import { $, ask, connection, connectionAfter, ends, h, icon, may, problem, time, toast } from "./dom.js";
import { cap, daysBetween, t, today, when } from "./i18n.js";
import { caseMark, dueMark, odds } from "./marks.js";
import { address } from "./place.js";

const UNSETTLED = ["found", "persuaded", "interviewed", "rectification_ordered", "transferred"];
const LIVE = [...UNSETTLED, "rectified", "answered"];
const SETTLED = ["rectified", "answered"];
const ACTORS = ["operator", "inspector"];
const DEFAULT_DAYS = 15;

/** Every action: the states it may start from, its symbol, and what it asks for. */
const ACTIONS = {
  persuade: { from: ["found", "persuaded"], symbol: "acknowledged", fields: () => reason(false) },
  interview: { from: ["found", "persuaded", "interviewed"], symbol: "acknowledged", fields: () => reason(false) },
  order: { from: ["found", "persuaded", "interviewed", "rectification_ordered", "rectified"], symbol: "clock", fields: () => [due(), reason(false)] },
  rectify: { from: UNSETTLED, symbol: "occupied", fields: () => reason(true) },
  transfer: { from: UNSETTLED, symbol: "dispatched", fields: () => [body(), reason(false)] },
  answer: { from: ["rectified", "transferred"], symbol: "confirmed", fields: () => reason(true) },
  close: { from: LIVE, symbol: "resolved", fields: (one) => reason(!SETTLED.includes(one.state)) },
  reopen: { from: ["closed"], symbol: "open", fields: () => reason(true) },
  note: { from: [...LIVE, "closed"], symbol: "sheet", fields: () => reason(true) },
};

const place = $("#case");
const { case_id: caseId } = place.dataset;
let estates = [];

const fact = (key, value) => value !== null && value !== undefined && value !== "" && value !== false && h("div", {}, h("dt", {}, t("ui.case", key)), h("dd", {}, value));
const who = (actor) => (ACTORS.includes(actor) ? t("ui.case", `actor_${actor}`) : actor);

function head(one) {
  const end = one.state === "closed" ? one.updated_at.slice(0, 10) : today();
  return h("section.card.stack", {},
    h("p.legend", {}, h("a", { href: "/cases" }, t("ui.case", "back")), h("span", {}, t("ui.case", "number", { id: one.id })),
      h("span", {}, estates.find(({ estate_id: id }) => id === one.estate_id)?.name ?? one.estate_id)),
    h("div.title", {}, h("h1", {}, `${address(one)} · ${cap("case_kind", one.kind)}`), caseMark(one), dueMark(one)),
    h("dl.facts", {}, fact("opened", when(one.opened_at, "date")), fact("days_open", t("ui.case", "days", { count: daysBetween(one.opened_at.slice(0, 10), end) })),
      fact("subtype", one.subtype && cap("subtype", one.subtype)), fact("due", one.due && when(one.due, "date")),
      fact("visit", one.visit_id && t("ui.case", "visit_on", { id: one.visit_id }))),
    h("p", {}, h("a", { href: `/units/${encodeURIComponent(one.unit_id)}` }, t("ui.case", "open_unit"))),
    h("div.acts", {}, Object.entries(ACTIONS).filter(([, { from }]) => may("cases") && from.includes(one.state)).map(([action, { symbol }]) =>
      h("button.btn", { type: "button", "data-action": action, onclick: () => act(action, one) }, icon(symbol), cap("case_action", action)))));
}

function statement(one) {
  return h("section.card.stack", {}, h("div.head", {}, h("h2", {}, t("ui.case", "statement")),
    may("cases") && LIVE.includes(one.state) && h("div.end", {}, h("button.btn", { type: "button", "data-action": "statement", onclick: () => act("statement", one) }, cap("case_action", "statement")))),
    one.statement ? [h("blockquote", {}, one.statement), h("p.quiet", {}, time(one.statement_at, when(one.statement_at, "moment")))]
      : h("p.quiet", {}, t("ui.case", "no_statement")));
}

function grounds(one) {
  return h("section.card.stack", {}, h("h2", {}, t("ui.case", "grounds")), one.grounds.length ? one.grounds.map((ground) => h("div", {},
    h("p.legend", {}, h("a", { href: `/?alert=${ground.alert_id}` }, cap("kind", ground.kind), ground.subtype && ` (${t("subtype", ground.subtype)})`), odds(ground.probability)),
    h("ul.facts-list", {}, ground.evidence.map(({ text }) => h("li", {}, text)))))
    : h("p.quiet", {}, t("ui.case", "no_grounds")));
}

function handovers(one) {
  return one.handovers.length > 0 && h("section.card.stack", {}, h("h2", {}, t("ui.case", "handovers")), h("ul.looks", {}, one.handovers.map((given) => h("li", {},
    time(given.at, when(given.at, "moment")), h("b", {}, given.to), given.reference && h("span", {}, `${t("ui.case", "reference")} ${given.reference}`),
    h("span.quiet", {}, `${t("ui.case", "by")} ${who(given.actor)}`)))));
}

function step(change) {
  const { due: last, to, reference, outcome } = change.data;
  const moved = change.from_state && change.from_state !== change.to_state;
  const more = [last && t("ui.cases", "due_on", { date: when(last, "date") }), to, reference, outcome && t("outcome", outcome), change.reason].filter(Boolean);
  return h("li", {}, time(change.at, when(change.at, "moment")),
    h("b.what", {}, cap("case_action", change.action)),
    h("span.why", {}, more.join(" · "), h("span.quiet", {}, `${more.length ? " · " : ""}${who(change.actor)}`),
      moved && h("span.sr", {}, t("ui.case", "moved", { from: t("case_state", change.from_state), to: t("case_state", change.to_state) }))));
}

const history = (one) => h("section.card.stack", {}, h("h2", {}, t("ui.case", "history")), h("ol.history", {}, one.history.toReversed().map(step)));

// What an action asks for

const reason = (required) => h("label.field", {}, h("span", {}, t("ui.case", required ? "ask_reason_needed" : "ask_reason")),
  h("textarea", { name: "reason", rows: 3, maxLength: 2000, required }));

function due() {
  const box = h("input", { type: "date", name: "due", required: true, min: today(1), max: today(180), value: today(DEFAULT_DAYS) });
  const take = (count) => () => { box.value = today(count); };
  return [h("label.field", {}, h("span", {}, t("ui.case", "ask_due")), box),
    h("div.picks", {}, [7, DEFAULT_DAYS, 30].map((count) => h("button.btn", { type: "button", onclick: take(count) }, t("ui.case", "days", { count }))))];
}

function body() {
  const box = h("input", { name: "to", required: true, maxLength: 100, value: t("ui.case", "body_1") });
  const take = (text) => () => { box.value = text; };
  return [h("p.quiet", {}, t("ui.case", "handover_note")), h("label.field", {}, h("span", {}, t("ui.case", "ask_to")), box),
    h("div.picks", {}, [1, 2, 3].map((n) => t("ui.case", `body_${n}`)).map((text) => h("button.btn", { type: "button", onclick: take(text) }, text))),
    h("label.field", {}, h("span", {}, t("ui.case", "ask_reference")), h("input", { name: "reference", maxLength: 100 }))];
}

const words = () => h("label.field", {}, h("span", {}, t("ui.case", "ask_statement")),
  h("textarea", { name: "reason", rows: 5, maxLength: 2000, required: true }));

async function act(action, one) {
  const fields = action === "statement" ? words() : ACTIONS[action].fields(one);
  const details = await ask([h("h2", {}, cap("case_action", action)), fields, ends(cap("case_action", action))],
    (form) => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()])));
  if (!details) return;
  try {
    draw(await post(`/cases/${caseId}/actions`, { action, ...details }));
    toast(t("ui.case", "acted", { action: t("case_action", action) }));
  } catch (error) {
    toast(t("ui.case", "failed", { reason: error.message }), { bad: true });
  }
}

function draw(one) {
  place.replaceChildren(head(one), h("div.cols", {}, h("div.evidence", {}, history(one), handovers(one) || ""), h("div.evidence", {}, statement(one), grounds(one))));
  document.title = `${t("ui.case", "title")} ${t("ui.case", "number", { id: one.id })}`;
}

async function load() {
  try {
    const [one, housing] = await Promise.all([get(`/cases/${encodeURIComponent(caseId)}`), get("/estates", { limit: "500" })]);
    estates = housing.items;
    draw(one);
    connection("online");
  } catch (error) {
    place.replaceChildren(problem(error, load));
    connectionAfter(error);
  }
}

load();
