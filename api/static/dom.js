// Elements without markup in strings: what people and devices send is only ever text here.
import { t } from "./i18n.js";

const SVG = "http://www.w3.org/2000/svg";
const { static: files, may: permitted = "" } = document.documentElement.dataset;

/** Whether the role of whoever is logged in permits it; what it does not is not offered. */
export const may = (permission) => permitted.split(" ").includes(permission);

export const $ = (selector, root = document) => root.querySelector(selector);

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && !(element instanceof SVGElement) && name !== "list") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An HTML element: `h("button.btn", { onclick }, "text")`. */
export function h(tag, props, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  return fill(element, props, children);
}

/** An SVG element. */
export const s = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);

/** A symbol of the sprite; it always stands beside its text, so readers skip it. */
export const icon = (name) =>
  s("svg", { class: "i", "aria-hidden": "true" }, s("use", { href: `${files}/icons.svg#${name}` }));

/** A calendar day or moment as an element that keeps its exact value. */
export const time = (value, text) => h("time", { dateTime: value, title: value }, text);

/** Say something for a while; with `undo` it offers to take it back. */
export function toast(text, { bad = false, undo = null, ms = bad || undo ? 12000 : 5000 } = {}) {
  const close = () => box.remove();
  const button = undo && h("button", { type: "button", onclick: () => { close(); undo(); } }, t("ui.common", "undo"));
  const box = h("div.toast", { className: bad ? "toast bad" : "toast" }, h("span", {}, text), button);
  $("#toasts").append(box);
  setTimeout(close, ms);
  return close;
}

/** Show what went wrong in place of content, with a way to try again where that may help. */
export function problem(error, retry) {
  return h("div.problem", { role: "alert" }, h("span", {}, error.message),
    retry && ![403, 404].includes(error.status) && h("button.btn", { type: "button", onclick: retry }, t("ui.common", "retry")));
}

/** Open a dialog and answer with what `read` returns when it is sent, or null when it is closed. */
export function ask(content, read) {
  return new Promise((resolve) => {
    const form = h("form", { method: "dialog" }, content);
    const dialog = h("dialog", {}, form);
    let answer = null;
    form.addEventListener("submit", () => { answer = read ? read(form) : true; });
    form.addEventListener("click", (event) => { if (event.target.closest("[data-cancel]")) dialog.close(); });
    dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** The two buttons that end a dialog. */
export const ends = (label) => h("div.acts", {},
  h("button.btn", { type: "button", "data-cancel": true }, t("ui.common", "cancel")),
  h("button.btn.main", { type: "submit" }, label));

/** What a failed request says of the connection: a refusal is an answer. */
export const connectionAfter = ({ status }) => connection(status >= 400 && status < 500 ? "online" : "offline");

/** The connection's state in the bar on top: symbol, text, colour. */
export function connection(state) {
  const place = $("#connection");
  place.dataset.state = state;
  place.textContent = t("ui.common", `connection_${state}`);
}
