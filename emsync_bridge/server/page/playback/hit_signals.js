/** Signals at the hit points: a punch on the picture, and a click in the ear. */

import { isFixed } from "../model/edits.js";
import { store } from "../model/state.js";
import { byId } from "../shell/dom.js";
import { reducedMotion } from "../shell/theme.js";
import { desk } from "./mixer.js";

const KEY = "emsync.signals";

/** Seconds ahead in which clicks are ordered: pictures of the page come too seldom to be exact. */
const AHEAD = 0.15;

const PUNCH = 180; // ms that the punch shows

/** Punches come three times a second at most (WCAG 2.2, 2.3.1). */
const REST = 334;

let ordered = -1;
let seen = -1;
let shown = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let hiding;

/** Begin again from a moment: after a jump, nothing before it is signalled. */
export function signalsFrom(/** @type {number} */ time) {
  ordered = seen = time - 1e-6;
}

function click(/** @type {number} */ delay) {
  const found = desk();
  if (!found) return;
  const { context, out } = found;
  const [tone, gain] = [context.createOscillator(), context.createGain()];
  const at = context.currentTime + Math.max(0, delay);
  tone.frequency.value = 1600;
  gain.gain.setValueAtTime(0.35, at);
  gain.gain.exponentialRampToValueAtTime(0.001, at + 0.05);
  tone.connect(gain).connect(out);
  tone.start(at);
  tone.stop(at + 0.06);
}

function punch(/** @type {number} */ at) {
  if (at - shown < REST) return;
  shown = at;
  const mark = byId("punch");
  mark.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => {
    mark.hidden = true;
  }, PUNCH);
  if (!reducedMotion.matches) mark.animate([{ opacity: 1 }, { opacity: 0 }], { duration: PUNCH, easing: "ease-in" });
}

/**
 * Signal the hit points that the playhead passes.
 * @param {number} time Seconds.
 * @param {number} rate
 */
export function passHits(time, rate) {
  const { doc, signals } = store.now;
  if (rate <= 0 || !doc || !(signals.flash || signals.click)) return;
  for (const hit of doc.spotting.hits) {
    if (hit.time > time + AHEAD * rate) break;
    if (!hit.answered || isFixed(hit)) continue;
    if (signals.click && hit.time > ordered) click((hit.time - time) / rate);
    if (signals.flash && hit.time > seen && hit.time <= time) punch(performance.now());
  }
  ordered = Math.max(ordered, time + AHEAD * rate);
  seen = time;
}

/** Listen to the two switches. */
export function startSignals() {
  try {
    store.set({ signals: { ...store.now.signals, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") } });
  } catch {
    // what cannot be read is as if it had not been kept
  }
  for (const name of /** @type {const} */ (["flash", "click"])) {
    byId(`hit-${name}`).addEventListener("click", () => {
      const signals = { ...store.now.signals, [name]: !store.now.signals[name] };
      store.set({ signals });
      localStorage.setItem(KEY, JSON.stringify(signals));
    });
  }
  store.follow(["signals"], ({ signals }) => {
    for (const name of ["flash", "click"]) byId(`hit-${name}`).setAttribute("aria-pressed", String(signals[name]));
  });
}
