// Levels, states and odds as marks: a symbol, its text and a colour, always together.
import { h, icon } from "./dom.js";
import { cap, percent, t, when } from "./i18n.js";

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

/** A probability as a small bar and its figure. */
export const odds = (probability) =>
  h("span.odds", { title: t("ui.common", "probability") }, h("span.sr", {}, t("ui.common", "probability")), share(probability), percent(probability));

/** A share of the whole as a bar; what it means stands beside it. */
export function share(part) {
  const fill = h("i");
  fill.style.width = `${Math.round(part * 100)}%`;
  return h("span.share", { ariaHidden: "true" }, fill);
}
