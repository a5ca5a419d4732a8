// Levels, states and odds as marks: a symbol, its text and a colour, always together.
import { h, icon } from "./dom.js";
import { cap, daysBetween, percent, t, today, when } from "./i18n.js";

export const ENDED = ["dismissed", "resolved"];
export const MUTED = ["acknowledged", "snoozed"];

/** The kind of an alert under the symbol of its level. */
export const kindMark = ({ level, kind, subtype }) =>
  h(`span.mark.${level}`, { title: t("level", level) }, icon(level), h("span.sr", {}, t("level", level)), cap("kind", kind),
    subtype && h("span.quiet", {}, t("subtype", subtype)));

/** The state, and until when it lasts. */
export const stateMark = ({ state, until }) =>
  h(`span.state.${state}`, {}, icon(state), cap("state", state),
    until && MUTED.includes(state) && h("span", {}, t("ui.common", "until", { date: when(until) })));

const CASE_SYMBOLS = { found: "open", persuaded: "acknowledged", interviewed: "acknowledged", rectification_ordered: "clock", rectified: "occupied", transferred: "dispatched", answered: "confirmed", closed: "resolved" };

/** How far a case has come; an order whose last day is past stands out. */
export const caseMark = ({ state, overdue }) =>
  h(`span.state.${state}`, { className: `state ${state}${overdue ? " late" : ""}` }, icon(CASE_SYMBOLS[state]), cap("case_state", state));

/** The last day of an order, and how far it is; nothing where none runs. */
export function dueMark({ state, due, overdue }) {
  if (state !== "rectification_ordered" || !due) return null;
  const left = daysBetween(today(), due);
  const [key, count] = overdue ? ["late", Math.max(-left, 1)] : left > 0 ? ["days_left", left] : ["due_today", 0];
  return h(`span.mark.${overdue ? "red" : "plain"}`, {}, overdue && icon("red"), h("b", {}, t("ui.cases", key, { count })),
    h("time", { dateTime: due }, t("ui.cases", "due_on", { date: when(due) })));
}

/** A probability as a small bar and its figure. */
export const odds = (probability) =>
  h("span.odds", { title: t("ui.common", "probability") }, h("span.sr", {}, t("ui.common", "probability")), share(probability), percent(probability));

/** A share of the whole as a bar; what it means stands beside it. */
export function share(part) {
  const fill = h("i");
  fill.style.width = `${Math.round(part * 100)}%`;
  return h("span.share", { ariaHidden: "true" }, fill);
}
