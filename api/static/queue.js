// The operator's queue: alerts grouped by building, counts first; rows never jump under the hand.
import { ACTIONS, act } from "./actions.js";
import { all } from "./api.js";
import { $, ask, h, icon, may, problem } from "./dom.js";
import { showEvidence } from "./evidence.js";
import { cap, t } from "./i18n.js";
import { listen } from "./live.js";
import { ENDED, kindMark, MUTED, odds, stateMark } from "./marks.js";
import { building, byName, door } from "./place.js";

const LIVE = ["open", "acknowledged", "snoozed", "dispatched", "confirmed"];
const FACETS = {
  level: ["red", "yellow"],
  kind: ["vacancy", "sublet", "misuse", "care", "leak", "device"],
  state: [...LIVE, ...ENDED],
  estate_id: [],
};

const list = $("#list");
const panel = $("#evidence");
const phone = matchMedia("(max-width: 899px)");
const alerts = new Map();
const fresh = new Set();
const picked = new Set();
const estates = new Map();
const rows = new Map();
let here = null;
let last = 0;
let cut = false;

const chosen = () => Object.fromEntries(Object.keys(FACETS).map((name) => [name, new URLSearchParams(location.search).get(name)]));
const estateName = (id) => estates.get(id) ?? id;

// Which alerts are shown, and in which order

const fits = (alert, filters) => Object.entries(filters).every(([name, value]) =>
  value ? alert[name] === value : name !== "state" || LIVE.includes(alert.state));
const shown = () => [...alerts.values()].filter((alert) => !fresh.has(alert.id) && fits(alert, chosen()));
// What nobody has looked at comes first, then what is under way, then what is muted; red before yellow in each.
const weight = ({ state, level }) => (state === "open" ? 4 : MUTED.includes(state) ? 0 : 2) + (level === "red" ? 1 : 0);
const groupKey = (alert) => JSON.stringify([alert.estate_id, alert.building ?? ""]);

function groups() {
  const found = new Map();
  for (const alert of shown()) found.set(groupKey(alert), [...(found.get(groupKey(alert)) ?? []), alert]);
  const urgent = (members) => members.filter((alert) => weight(alert) === 5).length;
  return [...found].map(([key, members]) => ({ key: JSON.parse(key), members: members.sort((a, b) => weight(b) - weight(a) || b.probability - a.probability) }))
    .sort((a, b) => urgent(b.members) - urgent(a.members) || b.members.length - a.members.length || byName(a.key.join(), b.key.join()));
}

// Drawing

function draw() {
  rows.clear();
  $("#groups").replaceChildren(...groups().map(section));
  if (!rows.size) $("#groups").append(h("p.empty", {}, t("ui.queue", "none")));
  if (cut) $("#groups").append(h("p.empty", {}, t("ui.queue", "cut", { count: alerts.size })));
  drawFacets();
  drawChip();
  drawBulk();
  if (rows.has(here)) place();
}

function section({ key: [estate, name], members }) {
  const red = members.filter(({ level }) => level === "red").length;
  return h("section.group", {}, h("h2", {}, `${estateName(estate)} ${name ? building(name) : t("ui.queue", "devices")}`,
    h("span.end", {}, red > 0 && h("span.mark.red", {}, icon("red"), `${cap("level", "red")} ${red}`), t("ui.queue", "count", { count: members.length }))),
    h("ul", {}, members.map(row)));
}

function row(alert) {
  const box = h("input", { type: "checkbox", checked: picked.has(alert.id), tabIndex: -1, ariaLabel: t("ui.queue", "select", { place: door(alert) }), onchange: () => pick(alert.id) });
  const link = h("a", { href: href({ alert: alert.id }), onclick: (event) => { if (plain(event)) { event.preventDefault(); open(alert.id); } } },
    h("span.where", { "data-new": t("ui.queue", "new") }, door(alert)), kindMark(alert), stateMark(alert),
    h("span.why", { title: alert.summary }, alert.evidence[0]?.text ?? alert.summary), odds(alert.probability));
  const item = h("li.row", { id: `alert-${alert.id}` }, h("label", {}, box), link);
  item.dataset.alert = alert.id;
  item.classList.toggle("muted", MUTED.includes(alert.state));
  item.classList.toggle("over", ENDED.includes(alert.state));
  item.classList.toggle("picked", picked.has(alert.id));
  mark(item, alert.id === here);
  rows.set(alert.id, item);
  return item;
}

function mark(item, is) {
  item.classList.toggle("here", is);
  if (is) $("a", item).setAttribute("aria-current", "true");
  else $("a", item).removeAttribute("aria-current");
}

function drawFacets() {
  const filters = chosen();
  const counted = (name, value) => [...alerts.values()].filter((alert) => fits(alert, { ...filters, [name]: value })).length;
  FACETS.estate_id = [...estates.keys()];
  $("#facets").replaceChildren(...Object.entries(FACETS).filter(([, values]) => values.length > 1).map(([name, values]) =>
    h("div.facet", { role: "group", ariaLabel: t("ui.queue", name) }, h("span", {}, t("ui.queue", name)),
      facet(name, null, filters, name === "state" ? t("ui.queue", "live") : t("ui.common", "all"), counted(name, null)),
      values.map((value) => facet(name, value, filters, label(name, value), ENDED.includes(value) && filters.state !== value ? "" : counted(name, value))))));
}

const label = (name, value) =>
  name === "estate_id" ? estateName(value) : [name === "kind" ? null : icon(value), cap(name, value)];

const facet = (name, value, filters, text, count) =>
  h("a", { href: href({ [name]: value }), "aria-current": filters[name] === value ? "true" : null, onclick: follow }, text, h("b", {}, count));

function drawChip() {
  const waiting = [...fresh].filter((id) => fits(alerts.get(id), chosen())).length;
  $("#chip").replaceChildren(...(waiting ? [h("button.btn.main", { type: "button", onclick: takeIn }, t("ui.queue", "fresh", { count: waiting }))] : []));
  document.title = `${waiting ? `(${waiting}) ` : ""}${t("ui.queue", "title")}`;
}

function drawBulk() {
  const members = [...picked].map((id) => alerts.get(id));
  $("#bulk").hidden = !members.length;
  $("#bulk").replaceChildren(h("b", {}, t("ui.queue", "picked", { count: members.length })),
    ...Object.entries(ACTIONS).filter(([, { from }]) => may("alerts") && members.some(({ state }) => from.includes(state))).map(([action, { symbol }]) =>
      h("button.btn", { type: "button", onclick: () => run(action) }, icon(symbol), cap("action", action))),
    h("button.btn", { type: "button", onclick: unpick }, t("ui.common", "clear")));
}

// Where we are: filters and the open alert stand in the address

function href(change) {
  const params = new URLSearchParams(location.search);
  params.delete("lang");
  for (const [name, value] of Object.entries(change)) value ? params.set(name, value) : params.delete(name);
  return `/?${params}`;
}

const plain = (event) => !(event.metaKey || event.ctrlKey || event.shiftKey || event.button);

function follow(event) {
  if (!plain(event)) return;
  event.preventDefault();
  history.pushState(null, "", event.currentTarget.href);
  refill();
}

async function refill() {
  const filters = chosen();
  if (cut || ENDED.includes(filters.state)) await load({ ...filters, state: filters.state ?? LIVE });
  draw();
}

// Opening one

function open(id, { focus = true } = {}) {
  const before = rows.get(here);
  if (before) mark(before, false);
  here = id;
  history.replaceState(null, "", href({ alert: id }));
  if (rows.has(id)) mark(rows.get(id), true);
  place(focus);
  clearTimeout(last);
  last = setTimeout(refresh, 80);
}

// On a phone the evidence stands under its row.
function place(focus = false) {
  const item = rows.get(here);
  if (phone.matches && item) item.append(panel);
  else $("#split").append(panel);
  if (focus && item) $("a", item).focus({ preventScroll: true });
  item?.scrollIntoView({ block: phone.matches ? "start" : "nearest" });
}

function refresh() {
  if (here === null) return;
  panel.dataset.alert = here;
  showEvidence(panel, here, { estate: estateName, act: (action, alert) => act(action, [alert], updated) });
}

function move(by) {
  const order = [...rows.keys()];
  const next = order[Math.max(0, Math.min(order.length - 1, order.indexOf(here) + by))];
  if (next !== undefined && next !== here) open(next);
}

// Choosing and acting

function pick(id) {
  picked.has(id) ? picked.delete(id) : picked.add(id);
  const item = rows.get(id);
  item?.classList.toggle("picked", picked.has(id));
  if (item) $("input", item).checked = picked.has(id);
  drawBulk();
}

function unpick() {
  for (const id of [...picked]) pick(id);
}

async function run(action) {
  if (!may("alerts")) return;
  const targets = picked.size ? [...picked] : [here].filter((id) => id !== null);
  if (!targets.length) return;
  await act(action, targets.map((id) => alerts.get(id)).filter(Boolean), updated);
  unpick();
}

/** An alert changed: its row is replaced where it stands, even where it no longer fits the filters. */
function updated(alert) {
  const known = alerts.get(alert.id);
  alerts.set(alert.id, { ...known, ...alert });
  const old = rows.get(alert.id);
  if (old) {
    const focused = old.contains(document.activeElement);
    const held = panel.parentElement === old;
    const item = row(alerts.get(alert.id));
    if (held) item.append(panel);
    old.replaceWith(item);
    if (focused && !held) $("a", item).focus({ preventScroll: true });
  }
  // Our own action comes back over the socket too; it is shown once.
  if (alert.id === here && known?.updated_at !== alert.updated_at) refresh();
  drawFacets();
  drawBulk();
}

// Keeping up

function changed({ alert }) {
  if (alerts.has(alert.id)) {
    updated(alert);
  } else if (LIVE.includes(alert.state)) {
    alerts.set(alert.id, alert);
    fresh.add(alert.id);
  }
  drawChip();
}

function takeIn() {
  const arrived = [...fresh];
  fresh.clear();
  draw();
  for (const id of arrived) rows.get(id)?.classList.add("fresh");
  const first = arrived.find((id) => rows.has(id));
  if (first !== undefined) open(first);
}

async function load(params) {
  const { items, seq, more } = await all("/alerts", params);
  cut = more;
  for (const alert of items) if (!fresh.has(alert.id)) alerts.set(alert.id, alert);
  return seq;
}

async function start() {
  try {
    const [housing, seq] = await Promise.all([all("/estates"), load({ state: LIVE })]);
    for (const estate of housing.items) estates.set(estate.estate_id, estate.name);
    await refill();
    listen({ since: seq, changed });
  } catch (error) {
    $("#groups").replaceChildren(problem(error, start));
    return;
  }
  const asked = Number(new URLSearchParams(location.search).get("alert"));
  const first = asked || (phone.matches ? null : [...rows.keys()][0]);
  if (first) open(first, { focus: false });
}

// Keys

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => here !== null && pick(here),
  "?": help,
  Escape: unpick,
  ...Object.fromEntries(Object.entries(ACTIONS).map(([action, { key }]) => [key, () => run(action)])),
};

function help() {
  ask([h("h2", {}, t("ui.queue", "keys")), h("dl.keys-list", {}, ["j", "k", "x", "a", "d", "f", "s", "u", "?", "Esc"].map((key) =>
    [h("dt", {}, h("kbd", {}, key)), h("dd", {}, t("ui.queue", `key_${key === "?" ? "help" : key}`))])),
    h("div.acts", {}, h("button.btn.main", { type: "submit" }, t("ui.common", "close")))]);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("textarea, select, dialog, input:not([type=checkbox]), [role=img]") && event.key !== "?") return;
  if ($("dialog[open]") || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});
$("#help").addEventListener("click", help);
phone.addEventListener("change", () => place());
addEventListener("popstate", refill);
start();
