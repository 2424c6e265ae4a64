/** What a person notes about versions of the music: a name, a star, a few words. Kept in this browser. */

const KEY = "emsync.versions";

/** Versions that are remembered at most; the oldest go first. */
const KEPT = 500;

/** @typedef {{name: string, star: boolean, note: string}} VersionNote */

/** @type {VersionNote} */
const NOTHING = { name: "", star: false, note: "" };

/** @returns {Record<string, VersionNote>} */
function all() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

/** @param {{job: string, take: number}} version */
const keyOf = ({ job, take }) => `${job} ${take}`;

/**
 * Give what is noted about a version.
 * @param {{job: string, take: number}} version
 * @returns {VersionNote}
 */
export const noteOf = (version) => ({ ...NOTHING, ...all()[keyOf(version)] });

/**
 * Note something about a version.
 * @param {{job: string, take: number}} version
 * @param {Partial<VersionNote>} patch
 */
export function setNote(version, patch) {
  const { [keyOf(version)]: known, ...others } = all();
  const kept = Object.entries({ ...others, [keyOf(version)]: { ...NOTHING, ...known, ...patch } }).slice(-KEPT);
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(kept)));
  } catch {
    // a full or forbidden store only means that the note is not there next time
  }
}
