// The inspector's list: one card a unit in walking order; findings are saved on the phone first.
import { all, post, query } from "./api.js";
import { $, ask, connection, ends, h, icon, may, problem, toast } from "./dom.js";
import { cap, lang, t, today, when } from "./i18n.js";
import { drop, GRACE_MS, keep, keepList, keptList, onSent, waiting } from "./outbox.js";
import { address } from "./place.js";

const OUTCOMES = ["normal", "confirmed_sublet", "confirmed_vacant", "confirmed_misuse", "no_answer", "refused", "other"];
const DOUBLE_TAP_MS = 700;
const SYMBOLS = { normal: "resolved", no_answer: "unknown", refused: "dismissed", other: "open" };
const asked = Object.fromEntries(["date", "inspector", "estate_id"].map((name) => [name, new URLSearchParams(location.search).get(name)]));
const dated = Boolean(asked.date);
const place = $("#visits");
let visits = [];
let estates = [];
let outbox = [];
let drawn = [];
let tappedAt = -Infinity;
const correcting = new Set();

const estateName = (id) => estates.find((estate) => estate.estate_id === id)?.name ?? id;
const symbol = (outcome) => icon(SYMBOLS[outcome] ?? "confirmed");

// The newest finding of a visit, on the phone or on the server.
function finding(visit) {
  const kept = outbox.filter((item) => item.visit_id === visit.id).at(-1);
  return kept ?? (visit.outcome && { outcome: visit.outcome, note: visit.note, sent: true });
}

function card(visit) {
  const found = correcting.has(visit.id) ? null : finding(visit);
  const item = h("li.card.visit", { id: `visit-${visit.id}` }, h("span.order", {}, visit.order), h("div.body", {},
    h("h2", {}, h("span.quiet", {}, estates.length > 1 && `${estateName(visit.estate_id)} `), address(visit)),
    visit.inspector !== (asked.inspector ?? "") && h("p.quiet", {}, `${t("ui.visits", "inspector")} ${visit.inspector}`),
    h("p.why", {}, visit.reasons.join(t("ui.common", "semicolon"))),
    found ? result(visit, found) : [
      h("p.hours", {}, icon("clock"), t("ui.visits", "best_hours"), visit.best_hours.map((span) => h("b", {}, span))),
      visit.questions.length > 0 && h("details", {}, h("summary", {}, t("ui.visits", "questions")), h("ul.questions", {}, visit.questions.map((text) => h("li", {}, text))),
        visit.clears?.length > 0 && [h("h3", {}, t("ui.visits", "clears")), h("ul.explains", {}, visit.clears.map((text) => h("li", {}, text)))])]),
    !found && may("results") && buttons(visit));
  item.classList.toggle("done", Boolean(found));
  return item;
}

function buttons(visit) {
  const note = h("textarea", { rows: 2, maxLength: 1000, value: finding(visit)?.note ?? "", placeholder: t("ui.visits", "note"), ariaLabel: t("ui.visits", "note") });
  return h("div.outcomes", { role: "group", ariaLabel: t("ui.visits", "outcome") },
    OUTCOMES.map((outcome) => h("button.btn", { type: "button", "data-outcome": outcome, onclick: () => record(visit, outcome, note.value.trim()) }, symbol(outcome), cap("outcome", outcome))),
    h("div.field.wide", {}, note));
}

function result(visit, found) {
  const status = found.refused ? h("span.mark.red", {}, icon("red"), t("ui.visits", "refused_by_server", { reason: found.refused }))
    : h(found.sent ? "span.quiet" : "span.waiting", {}, t("ui.visits", found.sent ? "sent" : "on_phone"));
  const again = () => { correcting.add(visit.id); draw(); };
  return h("div.result", {}, h("b", {}, symbol(found.outcome), cap("outcome", found.outcome)), status, found.note && h("span.quiet", {}, found.note),
    may("results") && h("button.btn.tap", { type: "button", onclick: again }, t("ui.visits", "correct")));
}

async function record(visit, outcome, note) {
  // The card folds under the thumb and the next one's buttons come up: a double tap means one.
  if (performance.now() - tappedAt < DOUBLE_TAP_MS) return;
  tappedAt = performance.now();
  try {
    const item = await keep(visit.id, { outcome, note, inspector: visit.inspector || asked.inspector || "" });
    correcting.delete(visit.id);
    await refresh();
    toast(t("ui.visits", "saved", { outcome: t("outcome", outcome) }), { ms: GRACE_MS - 300, undo: async () => { await drop(item.key); await refresh(); } });
  } catch (error) {
    toast(t("ui.visits", "not_saved", { reason: error.message }), { bad: true });
  }
}

function draw() {
  const done = visits.filter(finding).length;
  $("#progress").max = Math.max(visits.length, 1);
  $("#progress").value = done;
  $("#done").textContent = t("ui.visits", "done", { done, count: visits.length });
  $("#waiting").hidden = !outbox.length;
  $("#waiting").textContent = t("ui.visits", "waiting", { count: outbox.length });
  const elsewhere = outbox.filter((item) => !visits.some(({ id }) => id === item.visit_id)).length;
  $("#elsewhere").textContent = elsewhere ? t("ui.visits", "elsewhere", { count: elsewhere }) : "";
  drawCards();
  paper();
}

// Only cards that changed are made anew: a note that is being written on another one stays.
function drawCards() {
  if (!visits.length) return void place.replaceChildren(h("li.empty", {}, t("ui.visits", "none")));
  const looks = visits.map((visit) => JSON.stringify([visit, finding(visit), correcting.has(visit.id)]));
  const same = place.children.length === visits.length && visits.every(({ id }, index) => place.children[index].id === `visit-${id}`);
  if (!same) place.replaceChildren(...visits.map(card));
  else visits.forEach((visit, index) => { if (looks[index] !== drawn[index]) place.children[index].replaceWith(card(visit)); });
  drawn = looks;
  const next = visits.find((visit) => !finding(visit));
  const questions = next && $(`#visit-${next.id} details`);
  if (questions) questions.open = true;
}

async function refresh() {
  outbox = (await waiting().catch(noStore)) ?? [];
  draw();
}

// The sheet of paper: the same visits in the same order

function paper() {
  const cell = (...content) => h("td", {}, content);
  $("#sheet").replaceChildren(h("div.sheet-head", {}, h("h1", {}, t("ui.visits", "sheet")),
    ["date", "inspector", "signature"].map((key) => h("span", {}, `${t("ui.visits", key)} `, h("u", {}, asked[key] ?? "")))),
    h("table", {}, h("thead", {}, h("tr", {}, ["order", "unit", "why", "best_hours", "outcome"].map((key) => h("th", { scope: "col" }, t("ui.visits", key))))),
      h("tbody", {}, visits.map((visit) => h("tr", {}, cell(visit.order),
        cell(h("div", {}, estateName(visit.estate_id)), h("b", {}, address(visit)), h("div", {}, h("small", {}, visit.unit_id))),
        cell(visit.reasons.map((text) => h("div", {}, text)), h("ul", {}, visit.questions.map((text) => h("li", {}, h("small", {}, text)))),
          visit.clears?.length > 0 && h("div", {}, h("small", {}, t("ui.visits", "clears_line", { facts: visit.clears.join(t("ui.common", "semicolon")) })))),
        cell(visit.best_hours.map((span) => h("div", {}, span))),
        cell(h("div.boxes", {}, OUTCOMES.map((outcome) => h("span", {}, cap("outcome", outcome)))), h("div.blank"), h("div.blank")))))));
}

// The list itself

// A browser that refuses to store (some private windows) still shows the list; saving a finding says that it fails.
const noStore = () => null;

const listName = () => query(asked);

// A list that nobody asked for by its day is today's.
function showDay() {
  if (!dated) asked.date = today();
  for (const [name, value] of Object.entries(asked)) if (value) $(`#choose [name=${name}]`).value = value;
  $("#export").href = `/api/v1/visits.xlsx${query({ ...asked, lang })}`;
  $("#day").textContent = when(asked.date, "weekday");
}

async function load() {
  try {
    estates = (await all("/estates")).items;
    showDay();
    visits = (await all("/visits", asked)).items;
    connection("online");
    await keepList(listName(), { visits, estates }).catch(noStore);
  } catch (error) {
    const kept = await keptList(listName()).catch(noStore);
    if (!kept) return void place.replaceChildren(problem(error, load));
    ({ visits, estates } = kept);
    connection("offline");
  }
  await refresh();
}

async function plan() {
  const choices = [h("option", { value: "" }, t("ui.common", "all")), estates.map(({ estate_id: id, name }) => h("option", { value: id, selected: id === asked.estate_id }, name))];
  const wish = await ask([h("h2", {}, t("ui.visits", "plan")), h("p.quiet", {}, t("ui.visits", "plan_note")),
    field("date", { type: "date", value: asked.date, required: true, min: today() }),
    h("label.field", {}, h("span", {}, t("ui.visits", "estate")), h("select", { name: "estate_id" }, choices)),
    field("inspector", { value: asked.inspector ?? "", maxLength: 64 }),
    field("k", { type: "number", min: 1, max: 60, value: 8 }), ends(t("ui.visits", "plan"))],
  (form) => Object.fromEntries([...new FormData(form)].filter(([, value]) => value)));
  if (!wish) return;
  try {
    await post("/visits/plan", { ...wish, k: Number(wish.k) });
    location.search = query({ date: wish.date, inspector: wish.inspector, estate_id: wish.estate_id });
  } catch (error) {
    toast(error.message, { bad: true });
  }
}

const field = (name, props) => h("label.field", {}, h("span", {}, t("ui.visits", name)), h("input", { name, ...props }));

showDay();
$("#choose").addEventListener("change", (event) => event.currentTarget.submit());
$("#plan").hidden = !may("planning");
$("#plan").addEventListener("click", plan);
$("#print").addEventListener("click", () => print());
addEventListener("offline", () => connection("offline"));
addEventListener("online", load);
onSent((item, visit, error) => {
  if (error?.status === 0) connection("offline");
  if (!error) connection("online");
  if (visit) visits = visits.map((known) => (known.id === item.visit_id ? { ...known, ...visit, outcome: visit.outcome ?? item.outcome } : known));
  refresh();
});
load();
