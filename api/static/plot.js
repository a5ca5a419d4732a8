// The evidence plot: one time axis; water, electricity, and passages by class of person.
import { h, s } from "./dom.js";
import { number, percent, t, when } from "./i18n.js";

export const CLASSES = ["registered", "visitor", "stranger", "unidentified"];
const TRACKS = [
  { key: "water", height: 78, digits: 0, value: (day) => day.water_l },
  { key: "electricity", height: 78, digits: 1, value: (day) => day.electricity_kwh },
  { key: "door", height: 92, digits: 0, value: (day) => day.passages && CLASSES.reduce((sum, name) => sum + (day.passages[name] ?? 0), 0) },
];
// A day of which less is known is drawn paler: its figure is no whole day's.
const WHOLE = 0.9;
const LEFT = 44;
const RIGHT = 8;
const GAP = 26;
const AXIS = 22;
// How wide the name of a track is at most, and with it the words that say since when an alert holds.
const NAME_PX = 72;
const WORDS_PX = 190;
let drawn = 0;

/** Put the plot of `days` (a timeline's) into `place`; `span` is the alert's `{since, until}`, or null. */
export function plot(place, days, { title, span = null }) {
  const box = h("div.plot");
  const readout = h("p.readout", { role: "status" });
  const draw = () => {
    const width = Math.max(280, Math.floor(box.clientWidth));
    box.replaceChildren(picture(days, { width, title, span, say: (day) => readout.replaceChildren(...words(day)) }));
  };
  place.replaceChildren(legend(Boolean(span)), box, readout, table(days));
  readout.textContent = t("ui.plot", "hint");
  new ResizeObserver(draw).observe(box);
}

function picture(days, { width, title, span, say }) {
  const id = `plot${(drawn += 1)}`;
  const step = (width - LEFT - RIGHT) / days.length;
  const x = (index) => LEFT + index * step;
  const height = TRACKS.reduce((sum, track) => sum + track.height + GAP, AXIS);
  const first = span ? days.findIndex((day) => day.date >= span.since) : -1;
  const end = span?.until ? days.findLastIndex((day) => day.date <= span.until) + 1 : days.length;
  const scene = { days, x, step, width, id, first };
  let top = GAP - 8;
  const tracks = TRACKS.map((track) => {
    const part = drawTrack(track, top, scene);
    top += track.height + GAP;
    return part;
  });
  const bottom = top - GAP;
  const shade = first >= 0 && [
    s("rect", { class: "span", x: x(first), y: 4, width: x(end) - x(first), height: bottom - 4 }),
    s("line", { class: "since", x1: x(first), x2: x(first), y1: 4, y2: bottom }),
    s("text", { class: "began", y: 12, ...besides(x(first)) }, t("ui.plot", "since", { date: when(span.since) })),
  ];
  const cursor = s("line", { class: "cursor", y1: 4, y2: bottom, visibility: "hidden" });
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", tabindex: 0, "aria-labelledby": `${id}t ${id}d` },
    s("title", { id: `${id}t` }, title), s("desc", { id: `${id}d` }, describe(days, span)), hatch(id),
    shade, tracks, axis(days, x, bottom), cursor);
  follow(svg, cursor, { days, x, step, width, say });
  return svg;
}

/** Where words stand beside a line at `at`: before it, but not on the first track's name. */
const besides = (at) => (at - LEFT > WORDS_PX ? { x: at - 5, "text-anchor": "end" } : { x: Math.max(at + 5, LEFT + NAME_PX) });

function hatch(id) {
  return s("defs", {}, s("pattern", { id: `${id}h`, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    s("line", { class: "hatch", x1: 0, x2: 0, y1: 0, y2: 6 })));
}

function drawTrack(track, top, { days, x, step, width, id, first }) {
  const values = days.map(track.value);
  const most = nice(Math.max(...values.map((value) => value ?? 0), track.key === "electricity" ? 1 : 4));
  const y = (value) => top + track.height * (1 - value / most);
  const base = top + track.height;
  const bar = Math.max(1, step - (step > 4 ? 1.2 : 0.3));
  const bars = days.map((day, index) => {
    if (missing(day, track.key)) return null;
    if (track.key !== "door") return rect(`${track.key === "water" ? "water" : "power"}${day.coverage[track.key] < WHOLE ? " partial" : ""}`, x(index), y(values[index]), bar, base);
    let from = base;
    return CLASSES.map((name) => {
      const count = day.passages[name] ?? 0;
      const to = from - (count / most) * track.height;
      const part = count > 0 && rect(name, x(index), to, bar, from);
      from = to;
      return part;
    });
  });
  return s("g", {},
    s("text", { class: "name", x: LEFT, y: top - 5 }, t("ui.plot", track.key)),
    [0, most / 2, most].map((value) => [
      s("line", { class: value ? "grid" : "axis", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
      s("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, number(value, 1))]),
    band(days, values, track.key, { first, x, y, width }), bars, marks(days, track.key, { x, step, top }),
    gaps(days, track.key).map(([from, to]) =>
      s("rect", { fill: `url(#${id}h)`, x: x(from), y: top, width: x(to) - x(from), height: track.height },
        s("title", {}, t("ui.plot", "missing")))));
}

// A small triangle above a day on which something was noticed about the device; what it was stands in words below.
const marks = (days, key, { x, step, top }) => days.map((day, index) => day.flags[key].length > 0 && s("path",
  { class: "noticed", d: `M${(x(index) + step / 2).toFixed(1)} ${top + 6}l-4 -7h8z` }, s("title", {}, flags(day, key))));

const flags = (day, key) => day.flags[key].map((flag) => t("ui.plot", `flag_${flag}`)).join(" · ");

const rect = (name, left, top, width, base) =>
  s("rect", { class: name, x: left.toFixed(1), y: top.toFixed(1), width: width.toFixed(1), height: Math.max(0, base - top).toFixed(1) });

// The unit's own habit before the alert: the middle 80 % of its days, and the middle one.
function band(days, values, key, { first, x, y, width }) {
  if (key === "door" || first < 14) return null;
  const before = values.slice(0, first).filter((value, index) => value !== null && !missing(days[index], key)).sort((a, b) => a - b);
  if (before.length < 14) return null;
  const at = (share) => before[Math.min(before.length - 1, Math.floor(share * before.length))];
  return [
    s("rect", { class: "band", x: LEFT, y: y(at(0.9)), width: width - RIGHT - LEFT, height: Math.max(1, y(at(0.1)) - y(at(0.9))) }),
    s("line", { class: "usual", x1: LEFT, x2: width - RIGHT, y1: y(at(0.5)), y2: y(at(0.5)) },
      s("title", {}, t("ui.plot", "usual"))),
  ];
}

const missing = (day, key) =>
  !day.coverage[key] || (key === "door" ? !day.passages : (key === "water" ? day.water_l : day.electricity_kwh) === null);

/** Runs of days without data, as `[from, to)`. */
function gaps(days, key) {
  const runs = [];
  days.forEach((day, index) => {
    if (!missing(day, key)) return;
    const last = runs.at(-1);
    if (last?.[1] === index) last[1] += 1;
    else runs.push([index, index + 1]);
  });
  return runs;
}

function axis(days, x, bottom) {
  const every = [1, 2, 7, 14, 30, 61, 91].find((count) => (x(count) - x(0)) >= 46) ?? 122;
  return days.map((day, index) => (days.length - 1 - index) % every === 0 && x(index) > LEFT - 1 && [
    s("line", { class: "axis", x1: x(index), x2: x(index), y1: bottom, y2: bottom + 4 }),
    s("text", { x: Math.min(x(index), x(days.length) - 14), y: bottom + 17, "text-anchor": "middle" }, when(day.date)),
  ]);
}

/** Let pointer and arrow keys choose a day. */
function follow(svg, cursor, { days, x, step, width, say }) {
  let chosen = days.length - 1;
  const choose = (index) => {
    chosen = Math.max(0, Math.min(days.length - 1, index));
    const middle = x(chosen) + step / 2;
    cursor.setAttribute("x1", middle);
    cursor.setAttribute("x2", middle);
    cursor.setAttribute("visibility", "visible");
    say(days[chosen]);
  };
  const at = (event) => {
    const frame = svg.getBoundingClientRect();
    choose(Math.floor((((event.clientX - frame.left) / frame.width) * width - LEFT) / step));
  };
  svg.addEventListener("pointermove", at);
  svg.addEventListener("pointerdown", at);
  svg.addEventListener("pointerleave", () => cursor.setAttribute("visibility", "hidden"));
  svg.addEventListener("focus", () => choose(chosen));
  svg.addEventListener("blur", () => cursor.setAttribute("visibility", "hidden"));
  svg.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: -7, PageDown: 7, Home: -days.length, End: days.length }[event.key];
    if (!move) return;
    event.preventDefault();
    choose(chosen + move);
  });
}

function words(day) {
  const figure = (key, text) => h("span", {}, `${t("ui.plot", key)} `, h("b", {}, missing(day, key) ? t("ui.plot", "missing") : text()),
    day.coverage[key] > 0 && day.coverage[key] < WHOLE && ` (${t("ui.plot", "known", { share: percent(day.coverage[key]) })})`,
    day.flags[key].length > 0 && ` (${flags(day, key)})`);
  const passages = () => CLASSES.map((name) => `${t("ui.plot", name)} ${number(day.passages[name] ?? 0)}`).join(" · ");
  return [h("b", {}, when(day.date, "weekday")), figure("water", () => number(day.water_l)),
    figure("electricity", () => number(day.electricity_kwh, 1)), figure("door", passages)];
}

function describe(days, span) {
  const count = (key) => days.filter((day) => missing(day, key)).length;
  return t("ui.plot", span ? "describe_alert" : "describe", { start: days[0].date, end: days.at(-1).date, since: span?.since,
    water: count("water"), electricity: count("electricity"), door: count("door") });
}

function legend(alert) {
  const swatch = (name) => s("svg", { viewBox: "0 0 14 12", class: "plot", "aria-hidden": "true" }, s("rect", { class: name, x: 1, y: 1, width: 12, height: 10 }));
  const hatched = s("svg", { viewBox: "0 0 14 12", "aria-hidden": "true", class: "plot" },
    [0, 5, 10].map((left) => s("line", { class: "hatch", x1: left - 2, y1: 12, x2: left + 6, y2: 0 })));
  return h("p.legend", {}, CLASSES.map((name) => h("span", {}, swatch(name), t("ui.plot", name))),
    h("span", {}, hatched, t("ui.plot", "missing")),
    h("span", {}, s("svg", { viewBox: "0 0 14 12", class: "plot", "aria-hidden": "true" }, s("path", { class: "noticed", d: "M7 10l-4 -7h8z" })), t("ui.plot", "noticed")),
    alert && h("span", {}, swatch("span"), t("ui.plot", "span")), alert && h("span", {}, swatch("band"), t("ui.plot", "usual")));
}

/** The same figures as a table, made when it is opened. */
function table(days) {
  const heads = ["date", "water", "electricity", ...CLASSES];
  const cells = (day) => [day.date, missing(day, "water") ? "–" : number(day.water_l), missing(day, "electricity") ? "–" : number(day.electricity_kwh, 1),
    ...CLASSES.map((name) => (missing(day, "door") ? "–" : number(day.passages[name] ?? 0)))];
  const fill = ({ target }) => target.open && target.children.length === 1 && target.append(
    h("div.scroll", { tabIndex: 0, role: "region", ariaLabel: t("ui.plot", "table") }, h("table.table", {},
      h("thead", {}, h("tr", {}, heads.map((key, index) => h(index ? "th.num" : "th", { scope: "col" }, t("ui.plot", key))))),
      h("tbody", {}, days.toReversed().map((day) => h("tr", {}, cells(day).map((text, index) => h(index ? "td.num" : "td", {}, text))))))));
  return h("details", { ontoggle: fill }, h("summary", {}, t("ui.plot", "table")));
}

/** The next round number for an axis. */
function nice(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 6, 8, 10].map((factor) => factor * power).find((value) => value >= most);
}
