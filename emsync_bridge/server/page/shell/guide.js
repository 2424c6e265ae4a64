/** A guided first score: three hints, one after the other, until they are followed or dismissed. */

import { store } from "../model/state.js";
import { byId } from "./dom.js";

const KEY = "emsync.guided";

/** @type {{text: string, done: (now: any) => boolean}[]} */
const HINTS = [
  { text: "The hit points (▼) are where the music will land. Play through the cut; drag, add (M) or leave out (Enter) hits.", done: ({ doc, playing, versions }) => playing || Boolean(doc && store.past.length) || versions.length > 0 },
  { text: "Select a shot and set its mood on the plane under Mood, or leave it as it was felt. Then press Compose.", done: ({ versions }) => versions.length > 0 },
  { text: "Press Space to listen. Another take adds a version; click one, or press its number, to hear it. Files has the timeline with the music.", done: ({ versions, panel }) => versions.length > 1 || panel === "files-panel" },
];

let at = 0;

function finish() {
  at = HINTS.length;
  try {
    localStorage.setItem(KEY, "done");
  } catch {
    // then the hints come again next time
  }
  show();
}

function show() {
  const { doc, busy } = store.now;
  const box = byId("guide");
  if (doc && at < HINTS.length && HINTS[at].done(store.now)) {
    at += 1;
    if (at === HINTS.length) {
      finish();
      return;
    }
  }
  box.hidden = !doc || busy || at >= HINTS.length;
  if (box.hidden) return;
  byId("guide-text").textContent = HINTS[at].text;
  byId("guide-step").textContent = `${at + 1} of ${HINTS.length}`;
}

/** Show the hints to a person who has not seen them. */
export function startGuide() {
  if (localStorage.getItem(KEY) === "done") at = HINTS.length;
  byId("guide-next").addEventListener("click", () => {
    at += 1;
    if (at >= HINTS.length) finish();
    else show();
  });
  byId("guide-close").addEventListener("click", finish);
  store.follow(["doc", "playing", "versions", "busy", "panel"], show);
}
