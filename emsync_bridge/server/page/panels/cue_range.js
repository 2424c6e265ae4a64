/** Cue in and out: the stretch of the cut that is composed for, and all such cues of the film in one view. */

import { timecodeOf } from "../model/cut_timecode.js";
import { framesOf, rateOf } from "../model/edits.js";
import { frameAt, timeOf } from "../model/smpte.js";
import { store } from "../model/state.js";
import { able, byId, el } from "../shell/dom.js";
import * as api from "../work/api.js";
import { readCut } from "../work/jobs.js";

/** Kinds of jobs that make versions with letters of their own. */
const COMPOSING = ["score", "redo", "conform"];

/** @typedef {{between: [number, number], versions: number}} Cue Seconds of the film, and how much music there is. */

/** Seconds of the film at which the open cue begins. */
const cueBegin = () => store.now.root?.request.read?.between?.[0] ?? 0;

/** Read the cut again from one time to another; the whole of it where none is given. */
function readBetween(/** @type {[number, number] | null} */ between) {
  if (store.now.busy) return;
  const { root } = store.now;
  const { between: _, ...read } = root.request.read ?? {};
  readCut({ ...root.request, read: between ? { ...read, between } : read });
}

/** Timecode of a time of the film, whatever cue is open. */
function filmTimecode(/** @type {number} */ time) {
  const { doc } = store.now;
  const rate = rateOf(doc);
  return timecodeOf(doc, frameAt(time, rate) - frameAt(cueBegin(), rate));
}

function show() {
  const { doc, root, selection, busy } = store.now;
  if (!doc) return;
  const between = root?.request.read?.between;
  byId("cue-words").textContent = between ? `${timecodeOf(doc, 0)} to ${timecodeOf(doc, framesOf(doc))}` : "the whole cut";
  byId("cue-whole").hidden = !between;
  able(byId("cue-select"), Boolean(selection) && !busy);
  able(byId("cue-whole"), !busy);
  for (const button of byId("cue-list").querySelectorAll("button")) able(button, !busy && button.getAttribute("aria-current") !== "true");
}

/**
 * Give the cues that a cut was read or composed in, in the order of the film.
 * @param {any[]} jobs
 * @returns {Cue[]}
 */
export function cuesOf(jobs) {
  /** @type {Map<string, Cue>} */
  const found = new Map();
  for (const { kind, state, basis, letters } of jobs) {
    const between = basis?.read?.between;
    if (!between || state !== "done") continue;
    const cue = found.get(String(between)) ?? { between, versions: 0 };
    if (COMPOSING.includes(kind)) cue.versions += letters?.length ?? 0;
    found.set(String(between), cue);
  }
  return [...found.values()].sort((a, b) => a.between[0] - b.between[0] || a.between[1] - b.between[1]);
}

/** Draw the cues over the film, and list them. */
async function showCues() {
  const { doc, root } = store.now;
  if (!doc || !root) return;
  const jobs = root.cut ? await api.jobsOf(root.cut).catch(() => []) : [];
  if (store.now.root !== root) return;
  const cues = cuesOf(jobs);
  byId("cues-box").hidden = !cues.length;
  const open = String(root.request.read?.between);
  const end = Math.max(...cues.map(({ between }) => between[1]), cueBegin() + doc.spotting.duration);
  byId("cue-map").replaceChildren(...cues.map(({ between, versions }) => {
    const bar = el("i", { class: [versions ? "scored" : "", String(between) === open ? "open" : ""].filter(Boolean).join(" ") });
    bar.style.left = `${(between[0] / end) * 100}%`;
    bar.style.width = `${((between[1] - between[0]) / end) * 100}%`;
    return bar;
  }));
  byId("cue-list").replaceChildren(...cues.map(({ between, versions }, index) => {
    const music = versions ? `${versions} version${versions > 1 ? "s" : ""}` : "no music yet";
    return el("li", {}, el("button", { type: "button", class: "quiet", "aria-current": String(between) === open, onclick: () => readBetween(between) },
      el("b", { text: `Cue ${index + 1}` }), el("span", { class: "number", text: `${filmTimecode(between[0])} to ${filmTimecode(between[1])}` }), el("span", { text: music })));
  }));
  show();
}

/** Listen to the buttons, and keep the list. */
export function startCueRange() {
  byId("cue-select").addEventListener("click", () => {
    const { doc, selection } = store.now;
    if (!selection) return;
    const rate = rateOf(doc);
    const begin = frameAt(cueBegin(), rate);
    readBetween([timeOf(begin + selection.start, rate), timeOf(begin + selection.end, rate)]);
  });
  byId("cue-whole").addEventListener("click", () => readBetween(null));
  store.follow(["doc", "root", "selection", "busy"], show);
  store.follow(["root", "versions"], showCues);
}
