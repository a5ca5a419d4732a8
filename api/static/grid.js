// The building grid: estates, buildings, floors × rooms; each cell a number, a symbol and a colour.
import { all } from "./api.js";
import { $, h, icon, problem } from "./dom.js";
import { cap, t } from "./i18n.js";
import { listen } from "./live.js";
import { building, byName } from "./place.js";

const STATES = ["occupied", "away", "vacant", "unknown"];
const TENURES = { vacant: "key", held: "lock", repair: "wrench" };
const MOST_UNITS = 5000;
const place = $("#grid");
const asked = () => new URLSearchParams(location.search).get("estate_id");
let stale = null;

const by = (items, key) => {
  const found = new Map();
  for (const item of items) found.set(key(item), [...(found.get(key(item)) ?? []), item]);
  return [...found].sort(([a], [b]) => byName(a, b));
};

/** The position on its floor: what is left of the room when the floor's number is taken off. */
function position({ floor, room }) {
  const rest = floor === null ? room : room.replace(new RegExp(`^0*${floor}(?=.)`), "");
  return rest.replace(/^-/, "") || room;
}

/** The alert that matters most of a unit: red before yellow. */
const worst = (alerts) => alerts.find(({ level }) => level === "red") ?? alerts[0];

function cell(unit) {
  const alert = worst(unit.alerts ?? []);
  const words = [unit.room, t("unit_state", unit.state), unit.tenure !== "leased" && t("tenure", unit.tenure),
    ...(unit.alerts ?? []).map(({ level, kind }) => `${t("level", level)} ${t("kind", kind)}`)].filter(Boolean).join(t("ui.common", "comma"));
  const link = h("a.cell", { href: `/units/${encodeURIComponent(unit.unit_id)}`, title: words }, icon(unit.state),
    h("span", { ariaHidden: "true" }, unit.room), h("span.sr", {}, words),
    alert ? h("span.mark", { ariaHidden: "true" }, icon(alert.level)) : unit.tenure !== "leased" && h("span.tenure", { ariaHidden: "true" }, icon(TENURES[unit.tenure])));
  link.classList.add(unit.state);
  if (alert) link.classList.add("alert", alert.level);
  return link;
}

function block([name, units]) {
  const columns = by(units, ({ entrance }) => entrance).map(([entrance, members]) =>
    ({ entrance, rooms: [...new Set(members.map(position))].sort(byName) }));
  const at = new Map(units.map((unit) => [[unit.entrance, unit.floor, position(unit)].join(), unit]));
  const floors = [...new Set(units.map(({ floor }) => floor))].sort((a, b) => b - a);
  const line = (floor) => h("tr", {}, h("th", { scope: "row" }, floor === null ? "" : t("ui.buildings", "floor", { floor })),
    columns.map(({ entrance, rooms }, index) => [index > 0 && h("td.gap"), rooms.map((room) => {
      const unit = at.get([entrance, floor, room].join());
      return h("td", {}, unit && cell(unit));
    })]));
  return h("section.card.building", {},
    h("header", {}, h("h2", {}, building(name)), h("span", {}, tally(units))),
    h("div.floors", {}, h("table", {},
      h("thead", {}, h("tr", {}, h("td"), columns.map(({ entrance, rooms }, index) =>
        [index > 0 && h("td.gap"), h("th", { scope: "colgroup", colSpan: rooms.length }, /^\w+$/.test(entrance) ? t("ui.common", "entrance", { value: entrance }) : entrance)]))),
      h("tbody", {}, floors.map(line)))));
}

function tally(units) {
  const alerts = units.reduce((sum, { alerts: some }) => sum + (some?.length ?? 0), 0);
  return [...STATES.map((state) => [t("unit_state", state), units.filter((unit) => unit.state === state).length]), [t("ui.buildings", "alerts"), alerts]]
    .filter(([, count]) => count).map(([text, count]) => `${text} ${count}`).join(" · ");
}

function legend() {
  return h("p.legend.states", {}, STATES.map((state) => h(`span.cell.${state}`, {}, icon(state), cap("unit_state", state))),
    ["red", "yellow"].map((level) => h(`span.cell.alert.${level}`, {}, h("span.mark", {}, icon(level)), t("ui.buildings", "marked", { level: cap("level", level) }))),
    Object.entries(TENURES).map(([tenure, symbol]) => h("span", {}, icon(symbol), " ", cap("tenure", tenure))));
}

function choices(estates, estate) {
  $("#estates").replaceChildren(...estates.map(({ estate_id: id, name, live_alerts: alerts }) =>
    h("a", { href: `/buildings?estate_id=${encodeURIComponent(id)}`, "aria-current": id === estate ? "true" : null }, name, h("b", {}, alerts))));
}

async function load() {
  try {
    const { items: estates } = await all("/estates");
    const estate = asked() ?? estates[0]?.estate_id;
    choices(estates, estate);
    const { items } = await all("/units", { estate_id: estate, limit: 500 }, MOST_UNITS);
    const focused = document.activeElement?.getAttribute("href");
    place.replaceChildren(legend(), items.length
      ? h("div.buildings", {}, by(items, (unit) => unit.building).map(block))
      : h("p.empty", {}, t("ui.buildings", "none")));
    if (focused) place.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  } catch (error) {
    place.replaceChildren(problem(error, load));
  }
}

// Arrow keys walk over the cells as they lie.
place.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  const from = event.target.closest("td");
  if (!step || !from) return;
  const lines = [...from.closest("tbody").rows];
  let line = lines.indexOf(from.parentElement);
  let column = from.cellIndex;
  for (let next; ;) {
    line += step[0];
    column += step[1];
    next = lines[line]?.cells[column];
    if (!next) return;
    const link = $("a", next);
    if (link) { event.preventDefault(); return void link.focus(); }
  }
});

load();
// A run of detection changes many alerts at once: wait until it has been quiet for a moment.
listen({ changed: () => { clearTimeout(stale); stale = setTimeout(load, 2000); }, missed: load });
