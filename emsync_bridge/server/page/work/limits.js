/** Bounds of the controls, from the options of the bridge. */

import { options } from "./api.js";
import { trying } from "../shell/notice.js";

/**
 * Give every control that sets an option the bounds of the option.
 * @param {Record<string, Record<string, {min?: number, max?: number, help?: string}>>} groups
 */
function limit(groups) {
  const known = Object.assign({}, ...Object.values(groups));
  for (const control of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[data-setting]"))) {
    const option = known[control.dataset.setting ?? ""];
    if (!option || control.type !== "number") continue;
    const scale = Number(control.dataset.scale ?? 1);
    if (option.min !== undefined) control.min = String(option.min * scale);
    if (option.max !== undefined) control.max = String(option.max * scale);
  }
}

/** Ask the bridge for the bounds. */
export const startLimits = () => trying(async () => limit(await options()));
