/** Options of the music, as requests hold them. */

import { FIRST_ASK } from "./state.js";

/** Options of a request's music; those that it leaves open are as on a new page. @param {any} request @returns {import("./state.js").Ask} */
export function askOf({ music, seed, takes, render }) {
  if (!music) return FIRST_ASK;
  return {
    palette: music.palette ?? "",
    ensemble: music.ensemble ?? FIRST_ASK.ensemble,
    bpm: music.bpm ?? null,
    key: music.key ?? "",
    max_bend: music.max_bend ?? FIRST_ASK.max_bend,
    smooth_tempo: music.smooth_tempo ?? false,
    meter: music.meter ? `${music.meter.numerator}/${music.meter.denominator ?? 4}` : "",
    takes: takes ?? 1,
    seed: seed ?? 1,
    stems: render?.stems ?? FIRST_ASK.stems,
  };
}

/** A key as people write it. */
export const spelt = (/** @type {string} */ key) => key.replace("#", "♯").replace("b ", "♭ ");

/**
 * Likeness of two documents: null, false and missing are alike, and numbers may differ by rounding.
 * @param {any} one
 * @param {any} other
 * @returns {boolean}
 */
export function alike(one, other) {
  if (typeof one === "number" && typeof other === "number") return Math.abs(one - other) < 1e-6;
  if (one && other && typeof one === "object" && typeof other === "object") {
    return Object.keys({ ...one, ...other }).every((name) => alike(one[name], other[name]));
  }
  return one === other || (!one && !other && typeof one !== "number" && typeof other !== "number");
}
