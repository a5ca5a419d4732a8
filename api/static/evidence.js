// Everything about one alert: what is said, why, the days as a plot, and what people did.
import { ACTIONS } from "./actions.js";
import { get } from "./api.js";
import { $, h, icon, may, problem, time } from "./dom.js";
import { cap, daysBetween, t, today, when } from "./i18n.js";
import { ENDED, kindMark, odds, share, stateMark } from "./marks.js";
import { address } from "./place.js";
import { plot } from "./plot.js";

// Who acts without being a person of their own name.
const ACTORS = ["detection", "operator", "planner"];
const RANGES = [30, 90, 180, 365];

/** Show the alert `id` in `place`; `estate` names its estate, `act(action, alert)` does what a button says. */
export async function showEvidence(place, id, { estate, act }) {
  place.setAttribute("aria-busy", "true");
  try {
    const alert = await get(`/alerts/${id}`);
    if (place.dataset.alert !== String(id)) return;
    place.replaceChildren(head(alert, estate, act), reasons(alert), clears(alert), days(alert, $("[data-plot]", place)), history(alert.history ?? []));
  } catch (error) {
    if (place.dataset.alert === String(id)) place.replaceChildren(problem(error, () => showEvidence(place, id, { estate, act })));
  } finally {
    place.removeAttribute("aria-busy");
  }
}

function head(alert, estate, act) {
  const able = Object.entries(ACTIONS).filter(([, { from }]) => may("alerts") && from.includes(alert.state));
  return h("section.card.top-line", {},
    h("div", {},
      h("p.legend", {}, h("span", {}, estate(alert.estate_id)), stateMark(alert)),
      h("div.title", {}, h("h2", {}, address(alert)), kindMark(alert), odds(alert.probability)),
      h("p.said", {}, alert.summary),
      h("p.quiet", {}, t("ui.queue", "since", { date: alert.since, count: daysBetween(alert.since, alert.updated_at.slice(0, 10)) }), " ",
        alert.unit_id && h("a", { href: `/units/${encodeURIComponent(alert.unit_id)}` }, t("ui.queue", "open_unit")), " ",
        alert.case_id && h("a", { href: `/cases/${alert.case_id}` }, t("ui.queue", "open_case", { id: alert.case_id })))),
    h("div.acts", {}, able.map(([action, { key, symbol }]) =>
      h("button.btn", { type: "button", "data-action": action, onclick: () => act(action, alert) }, icon(symbol), cap("action", action), h("kbd.keys", { ariaHidden: "true" }, key)))));
}

function reasons({ evidence }) {
  const most = Math.max(...evidence.map(({ weight }) => Math.abs(weight)), 0.01);
  return h("section.card", {}, h("h3", {}, t("ui.queue", "reasons")),
    h("ul.why-list", {}, evidence.map(({ text, weight, window }) => h("li", {},
      h("span", { title: t("ui.queue", "weight") }, share(Math.abs(weight) / most)),
      h("span", {}, weight < 0 && h("span.quiet", {}, `${t("ui.queue", "against")} `), text),
      time(window.start, window.start === window.end ? when(window.end) : `${when(window.start)} – ${when(window.end)}`)))));
}

function clears({ clears: known, clears_note: note }) {
  if (!known.length) return "";
  return h("section.card.clears", {}, h("h3", {}, t("ui.queue", "clears")), h("p.quiet", {}, note),
    h("ul", {}, known.map(({ text }) => h("li", {}, text))));
}

// A plot that already shows the same stays as it is, with its range and its open table.
function days(alert, old) {
  if (!alert.unit_id) return "";
  const span = { since: alert.since, until: ENDED.includes(alert.state) ? alert.updated_at.slice(0, 10) : null };
  const key = JSON.stringify([alert.id, span]);
  if (old?.dataset.plot === key) return old;
  const wish = daysBetween(alert.since, today()) + 30;
  const section = timeline(alert.unit_id, { title: t("ui.plot", "title", { place: address(alert) }), span, range: RANGES.find((count) => count >= wish) ?? 365 });
  section.dataset.plot = key;
  return section;
}

/** The plot of a unit's last days with buttons for how many. */
export function timeline(unitId, { title, span = null, range = 90, heading = "h3" }) {
  const place = h("div");
  const load = async () => {
    buttons.forEach((button) => { button.ariaPressed = String(Number(button.value) === range); });
    try {
      const { days: known } = await get(`/units/${encodeURIComponent(unitId)}/timeline`, { start: today(-range), end: today() });
      if (known.length) plot(place, known, { title, span });
      else place.replaceChildren(h("p.empty", {}, t("ui.plot", "nothing")));
    } catch (error) {
      place.replaceChildren(problem(error, load));
    }
  };
  const buttons = RANGES.map((count) =>
    h("button", { type: "button", value: count, onclick: () => { range = count; load(); } }, t("ui.plot", "days", { count })));
  load();
  return h("section.card", {}, h("div.head", {}, h(heading, {}, t("ui.plot", "heading")), h("div.end.range", {}, buttons)), place);
}

function history(changes) {
  return h("section.card", {}, h("h3", {}, t("ui.queue", "history")),
    h("ol.history", {}, changes.toReversed().map((change) => h("li", {},
      time(change.at, when(change.at, "moment")),
      stateMark({ state: change.to_state, until: change.data?.until }),
      h("span.why", {}, cap("action", change.action), " ", h("span.quiet", {}, ACTORS.includes(change.actor) ? t("ui.queue", `actor_${change.actor}`) : change.actor), change.reason && ` · ${change.reason}`)))));
}
