/** Cue in and out: the stretch of the cut that is composed for. */

import { timecodeOf } from "../model/cut_timecode.js";
import { framesOf, rateOf } from "../model/edits.js";
import { frameAt, timeOf } from "../model/smpte.js";
import { store } from "../model/state.js";
import { able, byId } from "../shell/dom.js";
import { readCut } from "../work/jobs.js";

/** Seconds of the cut at which the open cue begins. */
const cueBegin = () => store.now.root?.request.read?.between?.[0] ?? 0;

/** Read the cut again from one time to another; the whole of it where none is given. */
function readBetween(/** @type {[number, number] | null} */ between) {
  const { root } = store.now;
  const { between: _, ...read } = root.request.read ?? {};
  readCut({ ...root.request, read: between ? { ...read, between } : read });
}

function show() {
  const { doc, root, selection, busy } = store.now;
  if (!doc) return;
  const between = root?.request.read?.between;
  byId("cue-words").textContent = between ? `${timecodeOf(doc, 0)} to ${timecodeOf(doc, framesOf(doc))}` : "the whole cut";
  byId("cue-whole").hidden = !between;
  able(byId("cue-select"), Boolean(selection) && !busy);
  able(byId("cue-whole"), !busy);
}

/** Listen to the two buttons. */
export function startCueRange() {
  byId("cue-select").addEventListener("click", () => {
    const { doc, selection, busy } = store.now;
    if (!selection || busy) return;
    const rate = rateOf(doc);
    const begin = frameAt(cueBegin(), rate);
    readBetween([timeOf(begin + selection.start, rate), timeOf(begin + selection.end, rate)]);
  });
  byId("cue-whole").addEventListener("click", () => store.now.busy || readBetween(null));
  store.follow(["doc", "root", "selection", "busy"], show);
}
