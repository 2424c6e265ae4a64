/** Versions of the music: every take and every redone section of this cut, gathered, named by letters, and heard. */

import * as api from "./api.js";
import { askOf, spelt } from "../model/ask.js";
import { timecodeOf } from "../model/cut_timecode.js";
import { complain, say } from "../shell/notice.js";
import { readNotes } from "./version_notes.js";
import { readMusic } from "../lanes/roll.js";
import { store } from "../model/state.js";
import { frameAt, parseRate } from "../model/smpte.js";
import { hearVersion } from "../playback/transport.js";

/** Records with their results, which no longer change. @type {Map<string, any>} */
const records = new Map();
/** @type {Map<string, any>} */
const musics = new Map();
/** The version that was heard before the present one. @type {string | null} */
let before = null;

async function recordOf(/** @type {string} */ id) {
  if (!records.has(id)) records.set(id, await api.job(id));
  return records.get(id);
}

/** True for the spotting of music that fits the open cut: the file may have been written again since. */
function sameCut(/** @type {import("../model/state.js").Spotting} */ { duration, rate, start_frame: start }) {
  const open = store.now.doc?.spotting;
  return !open || (open.rate === rate && open.start_frame === start && Math.abs(open.duration - duration) < 1e-6);
}

/**
 * Gather all versions that were made of the cut of a record.
 * @param {any} record
 */
export async function gather(record) {
  if (record.ended && record.result) records.set(record.id, record);
  const all = await api.jobsOf(record.cut);
  const byIdOf = new Map(all.map((/** @type {any} */ each) => [each.id, each]));
  const rootOf = (/** @type {any} */ each) => {
    let first = each;
    while (first?.request.job && !first.request.source) first = byIdOf.get(first.request.job);
    return first?.request ?? each.basis; // a job that it builds on may have been removed
  };
  const family = all.filter((/** @type {any} */ each) => each.state === "done" && each.files.cue);
  /** @type {any[]} */
  const versions = [];
  for (const each of family) {
    const whole = await recordOf(each.id);
    const cue = whole.result?.cue;
    if (!cue || !sameCut(cue.spotting)) continue;
    const add = (/** @type {number} */ take) => versions.push({
      kind: each.kind, job: each.id, take, sound: take === cue.chosen ? each.id : null, letter: letterIn(each, take), ask: askOf(rootOf(each) ?? {}),
      seed: cue.takes[take].seed, key: spelt(cue.takes[take].key ?? ""), label: labelOf(whole),
      audio: take === cue.chosen ? api.fileUrl(each.id, "audio") : null,
      spotting: cue.spotting, curve: cue.curve, worth: whole.result.verdicts?.[take] ?? null,
      ...(take === cue.chosen ? heardOf(whole) : {}),
    });
    if (each.kind === "score") cue.takes.forEach((/** @type {any} */ _, /** @type {number} */ take) => add(take));
    else if (each.kind === "redo" || each.kind === "conform") add(cue.chosen);
    else {
      const same = versions.find((version) => (version.job === each.request.job && version.take === each.request.take) || version.letter === letterIn(each, cue.chosen));
      if (same) Object.assign(same, { sound: each.id, audio: api.fileUrl(each.id, "audio"), ...heardOf(whole) });
      else add(cue.chosen);
    }
  }
  for (const each of versions) each.players = playersOf(all, each.sound);
  store.set({ versions });
  await readNotes(record.cut, versions);
}

/** The letter that the bridge has given to a version, for good. */
const letterIn = (/** @type {any} */ { kind, letters }, /** @type {number} */ take) => (kind === "score" ? letters[take] : letters[0]);

/** Kinds of the files of single players, by family, with the job that made them. */
const playersOf = (/** @type {any[]} */ jobs, /** @type {string | null} */ sound) => Object.fromEntries(jobs
  .filter(({ kind, state, request }) => kind === "players" && state === "done" && request.job === sound)
  .map(({ id, request, files }) => [request.family, { job: id, kinds: Object.keys(files) }]));

/** Parts of a record that belong to its sound: stems, ducking and loudness. */
const heardOf = (/** @type {any} */ { files, result }) => ({
  stems: Object.keys(files ?? {}).filter((kind) => kind.startsWith("stem ")),
  duck: result?.ducking?.keys ?? [],
  lufs: result?.loudness?.integrated_lufs ?? null,
});

function labelOf(/** @type {any} */ { kind, request, result }) {
  if (kind !== "redo") return "";
  const spotting = result.cue.spotting;
  const rate = parseRate(spotting.rate);
  return `${timecodeOf({ spotting }, frameAt(request.start, rate))} redone`;
}

/** Hear the version that a job's take is. */
export async function chooseVersion(/** @type {string} */ job, /** @type {number} */ take) {
  const { versions } = store.now;
  const found = versions.find((/** @type {any} */ each) => each.sound === job) ?? versions.find((/** @type {any} */ each) => each.job === job && each.take === take);
  if (found) await hearLetter(found.letter);
}

/** Hear a version from the same playhead on. */
export async function hearLetter(/** @type {string} */ letter) {
  const { versions, version } = store.now;
  const found = versions.find((/** @type {any} */ each) => each.letter === letter);
  if (!found) return;
  if (version !== letter) before = version;
  hearVersion(found.audio);
  store.set({ version: letter });
  const key = `${found.job} ${found.take}`;
  try {
    if (!musics.has(key)) musics.set(key, readMusic(await api.take(found.job, found.take), found.spotting.hits));
    if (store.now.version === letter) store.set({ music: musics.get(key) });
  } catch (problem) {
    complain(problem);
  }
}

/** Hear the version that was heard before: A against B. */
export function swap() {
  const { versions, version } = store.now;
  const others = versions.filter((/** @type {any} */ each) => each.letter !== version).map((/** @type {any} */ each) => each.letter);
  const other = others.includes(before) ? before : others[0];
  if (!other) {
    say("There is only one version");
    return;
  }
  hearLetter(other);
  say(`Version ${other}`);
}

/** The version that is heard. */
export const heard = () => store.now.versions.find((/** @type {any} */ each) => each.letter === store.now.version) ?? null;
