// Texts come with the page as data; figures are put in here.
const blob = JSON.parse(document.getElementById("texts").textContent);

export const lang = document.documentElement.lang;
export const page = blob.page;

/** The text of `section.key`, with `{name}` replaced by figures; the key itself where there is none. */
export function t(section, key, figures = {}) {
  const text = blob.texts[section]?.[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => figures[name] ?? whole);
}

/** The same at the beginning of a line or on a button. */
export function cap(section, key) {
  const text = t(section, key);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A number in the page's language with at most `digits` decimals; a dash where there is none. */
export function number(value, digits = 0) {
  if (value === null || value === undefined) return "–";
  return value.toLocaleString(lang, { maximumFractionDigits: digits });
}

export const percent = (share) => (share === null || share === undefined ? "–" : `${Math.round(share * 100)}%`);

const locale = lang === "en" ? "en-GB" : lang; // day before month, as the sentences have it
const moment = { month: lang === "en" ? "short" : "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false };
const stamp = { year: "numeric", ...moment };
const shapes = {
  day: new Intl.DateTimeFormat(locale, { month: lang === "en" ? "short" : "numeric", day: "numeric", timeZone: "UTC" }),
  date: new Intl.DateTimeFormat(locale, { year: "numeric", month: lang === "en" ? "short" : "numeric", day: "numeric", timeZone: "UTC" }),
  weekday: new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", day: "numeric", weekday: "short", timeZone: "UTC" }),
  moment: new Intl.DateTimeFormat(locale, { ...moment, timeZone: "UTC" }),
  stamp: new Intl.DateTimeFormat(locale, { ...stamp, timeZone: "UTC" }),
};

const here = { moment: new Intl.DateTimeFormat(locale, moment), stamp: new Intl.DateTimeFormat(locale, stamp) };

/**
 * A calendar day (`YYYY-MM-DD`) or a moment (RFC 3339) in the page's language. A moment with an offset is shown as the
 * estate's clocks showed it, one in UTC belongs to no estate and is shown as this device's clock did.
 */
export function when(text, shape = "day") {
  if (!text) return "–";
  const local = shape in here && text.endsWith("Z");
  const shown = (local ? here : shapes)[shape].format(new Date(text.replace(/[+-]\d\d:\d\d$/, "Z")));
  return shown.replace("Sept", "Sep"); // as the sentences have it
}

function onThisDevice(days) {
  const now = new Date();
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 12);
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
}

/** Whole days from one calendar day to another. */
export const daysBetween = (start, end) => Math.round((Date.parse(end) - Date.parse(start)) / 864e5);

let ahead = 0;

/** Which day it is at the estates: this device may lie in another time zone, or its clock be wrong. */
export function keepToday([estate]) {
  if (estate) ahead = daysBetween(onThisDevice(0), estate.today);
}

/** Today, or `days` from now, on the estates' calendar, as `YYYY-MM-DD`; on this device's until they were asked. */
export const today = (days = 0) => onThisDevice(days + ahead);
