/** Edits kept on the bridge as they are made, so that any tab, port and later day finds them. */

import * as api from "./api.js";
import { store } from "../model/state.js";
import { complain, say } from "../shell/notice.js";

const SAVED_AFTER = 300; // ms
const AGAIN_AFTER = 5000; // ms to the next attempt while the bridge is away

/** This window: a reload makes another one, which begins with what is kept. */
const tab = crypto.randomUUID();

/** The cut whose edits are kept: `doc` is what the bridge has. @type {{cut: string, revision: number, doc: any} | null} */
let kept = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let sending = false;
let away = false;

const same = (/** @type {any} */ a, /** @type {any} */ b) => JSON.stringify(a) === JSON.stringify(b);

const keyOf = (/** @type {string} */ cut) => `emsync.unsaved.${cut}`;

/** Edits that this browser could not hand over before it was closed. */
function unsaved(/** @type {string} */ cut) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(cut)) ?? "null");
  } catch {
    return null;
  }
}

/**
 * Begin to keep the edits of a cut, which is open as it was read or composed for; those that are kept are laid on top as
 * one step that can be undone.
 * @param {string} cut
 * @param {(document: any) => Promise<any>} carry Gives kept edits as they are on the reading that is open.
 */
export async function beginDraft(cut, carry) {
  stopDraft();
  const { revision, document } = await api.draft(cut);
  const { doc } = store.now;
  if (!doc) return;
  kept = { cut, revision, doc: document ?? doc };
  const left = unsaved(cut)?.document ?? document;
  const edited = left && (await carry(left));
  if (edited && store.now.doc === doc && !same(edited, doc)) store.edit("earlier edits", edited);
  if (document && same(document, store.now.doc)) kept.doc = store.now.doc;
  schedule();
}

/** Keep nothing more; what is not kept yet is handed over first. */
export function stopDraft() {
  clearTimeout(timer);
  if (kept && store.now.doc && store.now.doc !== kept.doc) save();
  kept = null;
}

function schedule() {
  if (!kept || store.now.doc === kept.doc) return;
  clearTimeout(timer);
  timer = setTimeout(save, away ? AGAIN_AFTER : SAVED_AFTER);
}

async function save() {
  const now = kept;
  const { doc } = store.now;
  if (!now || !doc || doc === now.doc || sending) return;
  sending = true;
  try {
    const { revision } = await api.keepDraft(now.cut, { revision: now.revision, tab, document: doc });
    Object.assign(now, { revision, doc });
    localStorage.removeItem(keyOf(now.cut));
    if (away) say("Edits saved");
    away = false;
  } catch (problem) {
    const { status, what } = /** @type {any} */ (problem);
    if (status === 409) await takeOver(now);
    else {
      keepHere(now, doc);
      if (!away) complain({ what: `Edits are not saved yet: ${what}`, hint: "They stay in this browser until the bridge answers again; start it with: emsync serve --open" });
      away = true;
    }
  } finally {
    sending = false;
    schedule();
  }
}

/** Keep what is not saved in this browser. */
function keepHere(/** @type {{cut: string, revision: number}} */ { cut, revision }, /** @type {any} */ document) {
  try {
    localStorage.setItem(keyOf(cut), JSON.stringify({ revision, document }));
  } catch {
    // a full or forbidden store leaves the edits in this window alone
  }
}

/** Take the edits of another window as a step that can be undone. */
async function takeOver(/** @type {{cut: string, revision: number, doc: any}} */ now) {
  const { revision, document } = await api.draft(now.cut);
  if (now !== kept || !document) return;
  now.revision = revision;
  if (!same(document, store.now.doc)) {
    store.edit("edits of another window", document);
    say("This cut was edited in another window; undo brings back what was here");
  }
  now.doc = store.now.doc;
}

/** Look whether another window has edited the cut meanwhile. */
async function look() {
  const now = kept;
  if (document.hidden || !now || sending || store.now.doc !== now.doc) return;
  const found = await api.draft(now.cut).catch(() => null);
  if (found?.document && now === kept && found.revision > now.revision && store.now.doc === now.doc) await takeOver(now);
}

/** Keep every edit. */
export function startDrafts() {
  store.follow(["doc"], schedule);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("focus", look);
  window.addEventListener("pagehide", () => {
    if (kept && store.now.doc && store.now.doc !== kept.doc) keepHere(kept, store.now.doc);
  });
}
