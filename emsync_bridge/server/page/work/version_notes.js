/** Notes of a person about versions of the music: a name, a star, a few words. The bridge keeps them with the cut. */

import * as api from "./api.js";
import { complain } from "../shell/notice.js";
import { store } from "../model/state.js";

/** Key under which earlier releases kept notes in the browser, by job and take. */
const EARLIER = "emsync.versions";

/** @typedef {{name: string, star: boolean, note: string, placed: boolean}} VersionNote */

/** @type {VersionNote} */
const NOTHING = { name: "", star: false, note: "", placed: false };

/**
 * Give what is noted about a version.
 * @param {{letter: string}} version
 * @returns {VersionNote}
 */
export const noteOf = (version) => ({ ...NOTHING, ...store.now.notes[version.letter] });

/**
 * Note something about a version.
 * @param {{letter: string}} version
 * @param {Partial<VersionNote>} patch
 */
export async function setNote({ letter }, patch) {
  const { root, notes } = store.now;
  store.set({ notes: { ...notes, [letter]: { ...NOTHING, ...notes[letter], ...patch } } });
  try {
    await api.keepNote(root.cut, letter, patch);
  } catch (problem) {
    store.set({ notes });
    complain(problem);
  }
}

/**
 * Read the notes of a cut, and hand over those that earlier releases kept in this browser.
 * @param {string} cut
 * @param {{job: string, take: number, letter: string}[]} versions
 */
export async function readNotes(cut, versions) {
  let notes = await api.notes(cut);
  const earlier = JSON.parse(localStorage.getItem(EARLIER) ?? "{}");
  for (const { job, take, letter } of versions) {
    const known = earlier[`${job} ${take}`];
    if (!known) continue;
    delete earlier[`${job} ${take}`];
    if (!notes[letter]) notes = await api.keepNote(cut, letter, known);
    localStorage.setItem(EARLIER, JSON.stringify(earlier));
  }
  store.set({ notes });
}
