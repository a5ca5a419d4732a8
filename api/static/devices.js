// Devices and quarantine: what is silent, and what could not be taken in and why.
import { all, post } from "./api.js";
import { $, h, icon, problem, time, toast } from "./dom.js";
import { cap, number, t, when } from "./i18n.js";
import { listen } from "./live.js";

function deviceRow(device) {
  const { state, last_seen: seen } = device;
  return h("tr", {}, h("td", {}, device.device_id), h("td", {}, cap("device_kind", device.kind)),
    h("td", {}, device.unit_id ? h("a", { href: `/units/${encodeURIComponent(device.unit_id)}` }, device.unit_id) : [device.building, device.entrance].filter(Boolean).join(" ") || "–"),
    h("td", {}, h(state === "online" ? "span.mark" : "span.mark.yellow", {}, icon(state === "online" ? "resolved" : state === "unknown" ? "unknown" : "yellow"), t("ui.devices", state))),
    h("td.num", {}, device.battery === null || device.battery === undefined ? "–" : `${number(device.battery)}%`),
    h("td", {}, seen ? time(seen, when(seen, "moment")) : t("ui.devices", "never")));
}

function heldRow(message) {
  const replay = async () => {
    try {
      const { replayed, detail, reason_text: reason } = await post(`/quarantine/${message.id}/replay`, {});
      toast(replayed ? t("ui.devices", "replayed") : `${reason} ${detail ?? ""}`, { bad: !replayed });
      loadHeld();
    } catch (error) {
      toast(error.message, { bad: true });
    }
  };
  return h("tr", {}, h("td", {}, time(message.last_at, when(message.last_at, "moment"))), h("td.num", {}, number(message.times)),
    h("td.long", {}, h("b", {}, message.reason_text), h("div.quiet", {}, message.detail)), h("td", {}, message.topic),
    h("td", {}, message.state === "held" ? h("button.btn", { type: "button", onclick: replay }, t("ui.devices", "replay")) : t("ui.devices", "replayed")));
}

const table = (heads, rows) => h("div.scroll", { tabIndex: 0, role: "region" }, h("table.table", {},
  h("thead", {}, h("tr", {}, heads.map((key) => h("th", { scope: "col" }, key && t("ui.devices", key))))), h("tbody", {}, rows)));

function fill(place, path, { heads, row, summary, none }) {
  return async function load() {
    try {
      const { items, more } = await all(path, {}, 1000);
      if (!items.length) return void place.replaceChildren(h("p.empty", {}, t("ui.devices", none)));
      const calm = items.filter(({ state }) => state === "online").length;
      const sorted = items.sort((a, b) => Number(a.state === "online") - Number(b.state === "online"));
      const count = number(items.length) + (more ? "+" : "");
      place.replaceChildren(h("p.quiet", {}, t("ui.devices", summary, { count, calm: number(calm) })), table(heads, sorted.map(row)));
    } catch (error) {
      place.replaceChildren(problem(error, load));
    }
  };
}

const loadDevices = fill($("#devices"), "/devices", {
  heads: ["device", "kind", "where", "state", "battery", "seen"], row: deviceRow, summary: "of_devices", none: "no_devices" });
const loadHeld = fill($("#quarantine"), "/quarantine", {
  heads: ["at", "times", "reason", "topic", ""], row: heldRow, summary: "of_held", none: "none_held" });
loadDevices();
loadHeld();
listen({ changed: () => {} });
