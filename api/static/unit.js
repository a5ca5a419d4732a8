// One unit: what is known of it, how it looks to each detector, its days, its alerts.
import { all, get, post } from "./api.js";
import { $, ask, ends, h, icon, may, problem, toast } from "./dom.js";
import { timeline } from "./evidence.js";
import { cap, number, t, today, when } from "./i18n.js";
import { listen } from "./live.js";
import { caseMark, ENDED, kindMark, odds, stateMark } from "./marks.js";
import { address } from "./place.js";

const KINDS = ["vacancy", "sublet", "misuse", "leak"];
const place = $("#unit");
const { unit_id: unitId } = place.dataset;
let estates = [];

const fact = (key, value) => value !== null && value !== undefined && value !== "" && h("div", {}, h("dt", {}, t("ui.unit", key)), h("dd", {}, value));

function head(unit) {
  const household = unit.household;
  return h("section.card", {},
    h("p.legend", {}, h("a", { href: `/buildings?estate_id=${encodeURIComponent(unit.estate_id)}` }, estates.find(({ estate_id: id }) => id === unit.estate_id)?.name ?? unit.estate_id), h("span", {}, unit.unit_id)),
    h("div.head", {}, h("h1", {}, address(unit)), h("span.mark", {}, icon(unit.state), cap("unit_state", unit.state)),
      may("planning") && h("div.end", {}, h("button.btn", { type: "button", id: "order", onclick: order }, icon("dispatched"), t("ui.unit", "order")))),
    h("dl.facts", {}, fact("tenure", cap("tenure", unit.tenure)), fact("state_since", unit.state_since),
      fact("area", unit.area_m2 && `${number(unit.area_m2, 1)} m²`),
      household && [fact("household", household.household_id), fact("size", household.size && number(household.size)),
        fact("lease", (household.lease_start || household.lease_end) && `${household.lease_start ?? ""} – ${household.lease_end ?? ""}`)]));
}

const field = (key, input) => h("label.field", {}, h("span", {}, t("ui.unit", key)), input);

/** Send an inspector because a person wants it: suspicion that no meter and no door has told. */
async function order() {
  const wish = await ask([h("h2", {}, t("ui.unit", "order")), h("p.quiet", {}, t("ui.unit", "order_note")),
    field("reason", h("textarea", { name: "reason", required: true, rows: 3, maxLength: 500, autofocus: true })),
    field("date", h("input", { type: "date", name: "date", value: today(), min: today(), required: true })),
    field("inspector", h("input", { name: "inspector", maxLength: 64 })), ends(t("ui.unit", "order"))],
  (form) => Object.fromEntries([...new FormData(form)].filter(([, value]) => value)));
  if (!wish) return;
  try {
    const { date } = await post("/visits", { ...wish, unit_id: unitId });
    toast(t("ui.unit", "ordered", { date: when(date) }));
  } catch (error) {
    toast(error.message, { bad: true });
  }
}

function scores({ scores: known, not_ready: notReady }) {
  return h("section.card", {}, h("h2", {}, t("ui.unit", "scores")), h("ul.why-list.scores", {}, KINDS.map((kind) => {
    const value = known?.[kind] ?? null;
    return h("li", {}, cap("kind", kind), value === null ? h("span.quiet", {}, notReady?.[kind]?.text ?? t("ui.unit", "not_ready")) : odds(value));
  })), h("p.quiet", {}, t("ui.unit", "scores_note")));
}

function alertList(alerts) {
  return h("section.card", {}, h("h2", {}, t("ui.unit", "alerts")), alerts.length
    ? h("ul.looks", {}, alerts.map((alert) => h("li", {}, kindMark(alert), stateMark(alert),
      h("a.said", { href: `/?alert=${alert.id}${ENDED.includes(alert.state) ? `&state=${alert.state}` : ""}` }, alert.summary))))
    : h("p.quiet", {}, t("ui.unit", "no_alerts")));
}

function caseList(cases) {
  return h("section.card", {}, h("h2", {}, t("ui.unit", "cases")), cases.length
    ? h("ul.looks", {}, cases.map((one) => h("li", {}, caseMark(one),
      h("a", { href: `/cases/${one.id}` }, cap("case_kind", one.kind)), h("time.quiet", { dateTime: one.opened_at }, when(one.opened_at, "weekday")))))
    : h("p.quiet", {}, t("ui.unit", "no_cases")));
}

/** What the plot shades: the oldest live alert. */
function span(alerts) {
  const since = alerts.filter(({ state }) => !ENDED.includes(state)).map((alert) => alert.since).sort()[0];
  return since ? { since, until: null } : null;
}

async function load() {
  try {
    const [unit, list, ledger, housing] = await Promise.all([get(`/units/${encodeURIComponent(unitId)}`), all("/alerts", { unit_id: unitId }), all("/cases", { unit_id: unitId }), all("/estates")]);
    estates = housing.items;
    const alerts = list.items.filter((alert) => alert.unit_id === unitId);
    place.replaceChildren(head(unit), timeline(unitId, { title: t("ui.plot", "title", { place: address(unit) }), span: span(alerts), heading: "h2" }),
      h("div.cols", {}, scores(unit), alertList(alerts), caseList(ledger.items)));
    document.title = address(unit);
  } catch (error) {
    place.replaceChildren(problem(error, load));
  }
}

load();
listen({ changed: (change) => { if (change.alert.unit_id === unitId) load(); }, missed: load });
