// Devices and quarantine: what needs a look, what each device is expected to do, and what could not be taken in and why.
import { all, get, post } from "./api.js";
import { $, h, icon, may, problem, time, toast } from "./dom.js";
import { cap, number, t, when } from "./i18n.js";
import { listen } from "./live.js";

const MOST = 500;
const LOOKS = 20;
const LIVE = ["open", "acknowledged", "snoozed", "dispatched", "confirmed"];
const CONDITIONS = ["silent", "stuck", "reset", "clock_ahead", "clock_behind", "tampered", "forced_open", "reverse_flow", "battery_low"];
const FIGURES = ["interval", "patience", "battery", "times"];
const URGENT = ["tampered"];
const STEPS = [["days", 86400, 2], ["hours", 3600, 1], ["minutes", 60, 0]];

/** A learnt time in days from two of them, in hours from one; a dash while nothing is learnt. */
function duration(seconds) {
  if (!seconds) return "–";
  const [unit, size] = STEPS.find(([, step, least]) => seconds >= least * step);
  const figure = number(seconds / size, 1);
  return t(figure === "1" ? "unit_one" : "unit", unit, { number: figure });
}

function stateMarks({ state, conditions }) {
  const said = conditions.length ? conditions.map((one) => t("subtype", one)) : [t("ui.devices", state)];
  const [level, sign] = conditions.some((one) => URGENT.includes(one)) ? ["red", "red"]
    : state === "unknown" ? ["quiet", "unknown"] : state === "online" && !conditions.length ? ["calm", "resolved"] : ["yellow", "yellow"];
  return h(`span.mark.${level}`, {}, icon(sign), said.join(t("ui.common", "comma")));
}

const spot = ({ building, entrance }) =>
  [building && t("ui.common", "building", { value: building }), entrance && t("ui.common", "entrance", { value: entrance })].filter(Boolean).join(" ");

const home = (unit) => h("a", { href: `/units/${encodeURIComponent(unit)}` }, unit);

const says = ({ flags }) => flags.length > 0 && h("div.quiet", {}, t("ui.devices", "says", { flags: flags.map((one) => t("flag", one)).join(t("ui.common", "comma")) }));

function deviceRow(device) {
  const { last_seen: seen, expected_interval_s: interval, patience_s: patience, battery } = device;
  return h("tr", {}, h("td", {}, device.device_id), h("td", {}, stateMarks(device), says(device)),
    h("td", {}, seen ? time(seen, when(seen, "moment")) : t("ui.devices", "never")),
    h("td", {}, device.unit_id ? home(device.unit_id) : spot(device) || "–"), h("td", {}, cap("device_kind", device.kind)),
    h("td.num", {}, duration(interval)), h("td.num", {}, duration(patience)),
    h("td.num", {}, battery === null ? "–" : `${number(battery)}%`));
}

/** Whom an alert is about: what fell silent together by its place, all else by home or device. */
function whom(alert) {
  if (alert.subtype === "estate_silent") return alert.estate_id;
  if (alert.subtype === "building_silent") return spot({ building: alert.building });
  if (alert.subtype === "entrance_silent") return spot(alert);
  return alert.unit_id ? home(alert.unit_id) : alert.device_id;
}

const look = (alert) => h("li", {},
  h("a.look", { href: `/?kind=device&alert=${alert.id}` }, h(`span.mark.${alert.level}`, {}, icon(alert.level), h("span.sr", {}, t("level", alert.level)), cap("subtype", alert.subtype))),
  h("b", {}, whom(alert)), h("span", {}, alert.evidence[0].text));

function heldRow(message) {
  const replay = async () => {
    try {
      const { replayed, detail_text: detail, reason_text: reason } = await post(`/quarantine/${message.id}/replay`, {});
      toast(replayed ? t("ui.devices", "replayed") : `${reason} ${detail ?? ""}`, { bad: !replayed });
      loadHeld();
    } catch (error) {
      toast(error.message, { bad: true });
    }
  };
  return h("tr", {}, h("td", {}, time(message.last_at, when(message.last_at, "moment"))), h("td.num", {}, number(message.times)),
    h("td.long", {}, h("b", {}, message.reason_text), h("div.quiet", {}, message.detail_text)), h("td.topic", {}, message.topic),
    h("td", {}, message.state === "held" ? may("quarantine") && h("button.btn", { type: "button", onclick: replay }, t("ui.devices", "replay")) : t("ui.devices", "replayed")));
}

const table = (kind, heads, rows) => h("div.scroll", { tabIndex: 0, role: "region" }, h(`table.table.${kind}`, {},
  h("thead", {}, h("tr", {}, heads.map((key) => h(FIGURES.includes(key) ? "th.num" : "th", { scope: "col" }, key && t("ui.devices", key))))), h("tbody", {}, rows)));

const asked = new URL(location.href).searchParams.get("condition");
const condition = asked === null || CONDITIONS.includes(asked) ? asked ?? "any" : asked && "any";

function facets() {
  const link = (value, text) => h("a", { href: `?condition=${value}`, ariaCurrent: value === condition ? "true" : null }, text);
  $("#facets").replaceChildren(h("div.facet", {}, link("any", t("ui.devices", "any")), CONDITIONS.map((one) => link(one, cap("subtype", one))), link("", t("ui.common", "all"))));
}

async function into(where, work) {
  try {
    where.replaceChildren(...await work());
  } catch (error) {
    where.replaceChildren(problem(error, () => into(where, work)));
  }
}

async function looks() {
  const { items, next } = await get("/alerts", { kind: "device", state: LIVE, limit: LOOKS });
  if (!items.length) return [h("p.empty", {}, t("ui.devices", "nothing_to_look"))];
  items.sort((a, b) => Number(b.level === "red") - Number(a.level === "red"));
  return [h("ul.looks", {}, items.map(look)), next ? h("a", { href: "/?kind=device" }, t("ui.devices", "more_looks")) : ""];
}

async function devices() {
  const { items, more } = await all("/devices", { condition }, MOST);
  if (!items.length) return [h("p.empty", {}, t("ui.devices", condition ? "none_ailing" : "no_devices"))];
  items.sort((a, b) => (a.last_seen ?? "").localeCompare(b.last_seen ?? ""));
  return [h("p.quiet", {}, t("ui.devices", "of_devices", { count: number(items.length) + (more ? "+" : "") })),
    table("devices", ["device", "state", "seen", "where", "kind", "interval", "patience", "battery"], items.map(deviceRow))];
}

async function held() {
  const { items, more } = await all("/quarantine", {}, MOST);
  if (!items.length) return [h("p.empty", {}, t("ui.devices", "none_held"))];
  return [h("p.quiet", {}, t("ui.devices", "of_held", { count: number(items.length) + (more ? "+" : "") })),
    table("held", ["at", "times", "reason", "topic", ""], items.map(heldRow))];
}

const loadHeld = () => into($("#quarantine"), held);
facets();
into($("#look"), looks);
into($("#devices"), devices);
loadHeld();
listen({ changed: ({ alert }) => alert.kind === "device" && into($("#look"), looks) });
