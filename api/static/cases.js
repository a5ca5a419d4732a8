// The enforcement ledger: every live case with how far it has come; what is overdue stands on top and stands out.
import { all, query } from "./api.js";
import { $, connection, connectionAfter, h, problem } from "./dom.js";
import { cap, lang, t, when } from "./i18n.js";
import { caseMark, dueMark } from "./marks.js";
import { address } from "./place.js";

const LIVE = ["found", "persuaded", "interviewed", "rectification_ordered", "rectified", "transferred", "answered"];
const FACETS = { state: [...LIVE, "closed"], kind: ["sublet", "vacancy", "misuse"], due: ["overdue"], estate_id: [] };
const asked = new URLSearchParams(location.search);
const chosen = Object.fromEntries(Object.keys(FACETS).map((name) => [name, asked.get(name)]));
const estates = new Map();
let cases = [];
let cut = false;

const fits = (one, filters) => Object.entries(filters).every(([name, value]) => {
  if (name === "due") return !value || one.overdue;
  return value ? one[name] === value : name !== "state" || one.state !== "closed";
});

const href = (change) => `/cases${query({ ...chosen, ...change })}`;

const label = (name, value) =>
  name === "estate_id" ? estates.get(value) : name === "due" ? t("ui.cases", value) : cap(`case_${name}`, value);

function facet(name, value, text) {
  const known = !(name === "state" && value === "closed" && chosen.state !== "closed");
  const count = cases.filter((one) => fits(one, { ...chosen, [name]: value })).length;
  return h("a", { href: href({ [name]: value }), "aria-current": chosen[name] === value ? "true" : null }, text, known && h("b", {}, count));
}

function drawFacets() {
  FACETS.estate_id = estates.size > 1 ? [...estates.keys()] : [];
  $("#facets").replaceChildren(...Object.entries(FACETS).filter(([, values]) => values.length).map(([name, values]) =>
    h("div.facet", { role: "group", ariaLabel: t("ui.cases", name) }, h("span", {}, t("ui.cases", name)),
      facet(name, null, name === "state" ? t("ui.cases", "live") : t("ui.common", "all")),
      values.map((value) => facet(name, value, label(name, value))))));
}

const row = (one) => h("li", {}, h("a.case", { href: `/cases/${one.id}` },
  h("span.no", {}, t("ui.cases", "number", { id: one.id })),
  h("span.where", {}, estates.size > 1 && h("span.quiet", {}, `${estates.get(one.estate_id)} `), address(one)),
  h("span.kind", {}, cap("case_kind", one.kind)), caseMark(one), h("span.due", {}, dueMark(one)),
  h("span.dates", {}, `${t("ui.cases", "opened")} `, h("time", { dateTime: one.opened_at }, when(one.opened_at)), ` · ${t("ui.cases", "updated")} `,
    h("time", { dateTime: one.updated_at }, when(one.updated_at)))));

// What is overdue comes first, the longest overdue on top, then what is due next, then the newest.
const urgency = (one) => (one.state === "rectification_ordered" && one.due ? one.due : "9999");

function draw() {
  const shown = cases.filter((one) => fits(one, chosen)).sort((a, b) => urgency(a).localeCompare(urgency(b)));
  drawFacets();
  $("#cases").replaceChildren(shown.length ? h("ul.ledger", {}, shown.map(row)) : h("p.empty", {}, t("ui.cases", "none")),
    cut ? h("p.empty", {}, t("ui.cases", "cut", { count: cases.length })) : "");
  $("#export").href = `/api/v1/cases.xlsx${query({ ...chosen, due: null, overdue: chosen.due && "true", lang, state: chosen.state ?? LIVE })}`;
}

async function load() {
  try {
    const [housing, list] = await Promise.all([all("/estates"), all("/cases", { state: chosen.state === "closed" ? [...LIVE, "closed"] : LIVE })]);
    for (const estate of housing.items) estates.set(estate.estate_id, estate.name);
    cases = list.items;
    cut = list.more;
    draw();
    connection("online");
  } catch (error) {
    $("#cases").replaceChildren(problem(error, load));
    connectionAfter(error);
  }
}

/** The last whole month, which is the one that a report is due for. */
const lastMonth = () => {
  const now = new Date();
  return new Date(Date.UTC(now.getFullYear(), now.getMonth() - 1)).toISOString().slice(0, 7);
};

$("#monthly").elements.month.value = lastMonth();
load();
