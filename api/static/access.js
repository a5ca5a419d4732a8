// The access log: who looked at whose data, newest first. For auditors; the API refuses everybody else.
import { get } from "./api.js";
import { $, connection, connectionAfter, h, problem, time } from "./dom.js";
import { t, when } from "./i18n.js";

const AT_ONCE = 100;
const FILTERS = ["name", "unit_id", "estate_id"];
const asked = new URLSearchParams(location.search);
const chosen = Object.fromEntries(FILTERS.map((name) => [name, asked.get(name)]));
const rows = h("tbody");
let cursor = null;

const only = (name, value) => h("a", { href: `/access?${new URLSearchParams({ [name]: value })}` }, value);

const home = (look) => look.unit_id ? h("a", { href: `/units/${encodeURIComponent(look.unit_id)}` }, look.unit_id) : "–";

const row = (look) => h("tr", {}, h("td", {}, time(look.at, when(look.at, "stamp"))), h("td", {}, only("name", look.name)),
  h("td", {}, t("look", look.what), look.about.id ? ` ${look.about.id}` : ""),
  h("td", {}, home(look)), h("td", {}, look.estate_id ? only("estate_id", look.estate_id) : "–"));

const table = () => h("div.scroll", { tabIndex: 0, role: "region", ariaLabel: t("ui.access", "title") }, h("table.table", {},
  h("thead", {}, h("tr", {}, ["at", "name", "what", "unit_id", "estate_id"].map((key) => h("th", { scope: "col" }, t("ui.access", key))))), rows));

async function load() {
  try {
    const page = await get("/access-log", { ...chosen, limit: AT_ONCE, cursor });
    rows.append(...page.items.map(row));
    cursor = page.next;
    $("#looks").replaceChildren(rows.childElementCount ? table() : h("p.empty", {}, t("ui.access", "none")));
    $("#more").hidden = !cursor;
    connection("online");
  } catch (error) {
    $("#looks").replaceChildren(problem(error, load));
    connectionAfter(error);
  }
}

for (const [name, value] of Object.entries(chosen)) $("#choose").elements[name].value = value ?? "";
$("#more").addEventListener("click", load);
load();
