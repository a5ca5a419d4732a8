// How a unit is called: building, entrance, room; the words around them are the language's.
import { t } from "./i18n.js";

const natural = new Intl.Collator("zh-CN", { numeric: true });
export const byName = natural.compare;

const put = (key, value) => (value ? t("ui.common", key, { value }) : "");

/** The building as people say it. */
export const building = (name) => (/\d$/.test(name) ? put("building", name) : name);

/** The way inside a building: entrance and room. */
export const door = ({ entrance, room, unit_id, device_id }) =>
  [/^\w+$/.test(entrance ?? "") ? put("entrance", entrance) : entrance, room].filter(Boolean).join(" ") || unit_id || device_id || "–";

/** Building, entrance and room. */
export const address = (unit) => [unit.building && building(unit.building), door(unit)].filter(Boolean).join(" ");
