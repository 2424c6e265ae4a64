/** Keys that work everywhere but in fields. */

import { redoSection } from "../panels/compose.js";
import { able, byId } from "./dom.js";
import { framesOf, rateOf } from "../model/edits.js";
import { addHitHere, dropSelectedHit } from "../lanes/hits.js";
import { say } from "./notice.js";
import { select } from "../lanes/ruler.js";
import { nextCut } from "../lanes/shots.js";
import { framesOfShot, shotAt } from "../model/lookup.js";
import { store } from "../model/state.js";
import { hearLetter, swap } from "../work/versions.js";
import { framesPerCount } from "../model/smpte.js";
import { jump, pause, shuttle, step, toggle, toggleLoop } from "../playback/transport.js";
import { fit, zoom } from "../lanes/view.js";

/** Undo or redo, and say what. */
export function travel(/** @type {"undo" | "redo"} */ way) {
  const label = store[way]();
  const words = label && label[0].toLowerCase() + label.slice(1);
  say(label ? `${way === "undo" ? "Undone" : "Redone"}: ${words}` : `Nothing to ${way}`);
  const { doc, hit } = store.now;
  if (doc && hit !== null && hit >= doc.spotting.hits.length) store.set({ hit: null });
}

function markEnd(/** @type {"start" | "end"} */ end) {
  const { doc, frame, selection } = store.now;
  const now = selection ?? { start: 0, end: framesOf(doc) };
  if (end === "start") select(frame, frame < now.end ? now.end : framesOf(doc));
  else select(frame > now.start ? now.start : 0, frame);
}

/** @type {Record<string, (event: KeyboardEvent) => void>} */
const KEYS = {
  " ": toggle,
  j: () => shuttle(-1),
  k: pause,
  l: () => shuttle(1),
  ArrowLeft: (event) => step(event.shiftKey ? -framesPerCount(rateOf(store.now.doc)) : -1),
  ArrowRight: (event) => step(event.shiftKey ? framesPerCount(rateOf(store.now.doc)) : 1),
  ArrowUp: () => jump(nextCut(store.now.frame, -1)),
  ArrowDown: () => jump(nextCut(store.now.frame, 1)),
  Home: () => jump(0),
  End: () => jump(framesOf(store.now.doc)),
  m: addHitHere,
  i: () => markEnd("start"),
  o: () => markEnd("end"),
  x: () => {
    const { start, end } = framesOfShot(store.now.doc, shotAt(store.now.doc, store.now.frame));
    select(start, end);
  },
  c: toggleLoop,
  r: redoSection,
  b: swap,
  Delete: dropSelectedHit,
  Backspace: dropSelectedHit,
  Escape: () => {
    select(0, 0);
    store.set({ hit: null });
  },
  "+": () => zoom(1.6),
  "=": () => zoom(1.6),
  "-": () => zoom(1 / 1.6),
  "0": fit,
};

function onKey(/** @type {KeyboardEvent} */ event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.defaultPrevented || byId("help").open) return;
  const writes = target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=range], [type=button])");
  const command = event.ctrlKey || event.metaKey;
  if (writes && ["Enter", "Escape"].includes(event.key) && store.now.doc && !target.closest("form, details")) {
    // what was written is taken in, and the keys work on the timeline again
    target.blur();
    return;
  }
  if (command && !writes && ["z", "y"].includes(event.key.toLowerCase())) {
    event.preventDefault();
    travel(event.key.toLowerCase() === "y" || event.shiftKey ? "redo" : "undo");
    return;
  }
  if (command || event.altKey || writes) return;
  if (event.key === "?") {
    byId("help").showModal();
    return;
  }
  if (!store.now.doc) return;
  // Space plays even where a button was pressed last; a box, slider or tab that has the focus by keys keeps its own keys
  const own = { " ": "input:focus-visible, summary, a", ArrowLeft: "input, [role=tab]", ArrowRight: "input, [role=tab]", ArrowUp: "input", ArrowDown: "input", Home: "input[type=range]", End: "input[type=range]" };
  const keeps = own[/** @type {keyof typeof own} */ (event.key)];
  if (keeps && target.matches(keeps) && !target.matches("#timeline [role=option]")) return;
  const act = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
  if (act) act(event);
  else if (/^[1-9]$/.test(event.key)) {
    const version = store.now.versions[Number(event.key) - 1];
    if (!version) return;
    hearLetter(version.letter);
    say(`Version ${version.letter}`);
  } else return;
  event.preventDefault();
}

/** Keep a button that has the focus from being pressed when Space comes up (Firefox). */
function afterKey(/** @type {KeyboardEvent} */ event) {
  const { target } = event;
  if (event.key === " " && store.now.doc && !byId("help").open && target instanceof HTMLButtonElement) event.preventDefault();
}

/** Listen to the keys. */
export function startKeyboard() {
  document.addEventListener("keyup", afterKey);
  document.addEventListener("keydown", onKey);
  byId("undo").addEventListener("click", () => travel("undo"));
  byId("redo").addEventListener("click", () => travel("redo"));
  byId("help-button").addEventListener("click", () => byId("help").showModal());
  store.follow(["history", "doc"], ({ doc }) => {
    byId("undo").hidden = byId("redo").hidden = !doc;
    able(byId("undo"), store.past.length > 0);
    able(byId("redo"), store.future.length > 0);
    byId("undo").title = store.past.length ? `Undo: ${store.past.at(-1)?.label} (Ctrl Z)` : "Nothing to undo";
    byId("redo").title = store.future.length ? `Redo: ${store.future.at(-1)?.label} (Ctrl Shift Z)` : "Nothing to redo";
  });
}
