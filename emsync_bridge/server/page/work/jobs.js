/** Jobs: start, follow, cancel; what comes of them becomes the document and its versions. */

import * as api from "./api.js";
import { remember, remembered } from "../shell/address.js";
import { complain, forgive, say } from "../shell/notice.js";
import { store } from "../model/state.js";
import { beginDraft, stopDraft } from "./drafts.js";
import { doing } from "./progress_bar.js";
import { carriedOver, followReading, mergeReading, picturesFrom, showVersionsOf, tellMedia } from "./readings.js";
import { documentOf } from "./records.js";
import { gather, chooseVersion } from "./versions.js";
import { hearVersion } from "../playback/transport.js";

const DONE = { spot: "Cut read", feel: "Cut read", score: "Music composed", redo: "Section composed", conform: "Music conformed", take: "Take rendered", live: "Played" };

/** @type {{stop: () => void} | null} */
let following = null;

/** Fields of a request that every reading of its cut needs. */
const reading = (/** @type {any} */ { source, read, emotion, editor }) => ({
  source,
  ...(read ? { read } : {}),
  ...(emotion ? { emotion } : {}),
  ...(editor ? { editor } : {}),
});

/**
 * Read a cut and feel it.
 * @param {any} request `source` and what `read`, `emotion` hold.
 */
export const readCut = (request) => run({ kind: "feel", ...reading(request) });

/** Compose for the document as it stands. */
export function compose() {
  const { doc, root } = store.now;
  const { palette, ensemble, bpm, meter, key, max_bend, smooth_tempo, takes, seed, stems } = doc.ask;
  const [numerator, denominator] = meter.split("/").map(Number);
  return run({
    kind: "score",
    ...reading(root.request),
    render: { ...(root.request.render ?? {}), stems },
    music: { ...(root.request.music ?? {}), palette: palette || null, ensemble, bpm, max_bend, smooth_tempo, key: key || null, meter: meter ? { numerator, denominator } : null },
    seed,
    takes,
    spotting: doc.spotting,
    curve: doc.curve,
  });
}

/** Wishes that a section has in common with the rest of the music. */
const COMMON = { bpm: "tempo", meter: "meter", key: "key", max_bend: "drift of the tempo", smooth_tempo: "changes of the tempo" };

/**
 * Compose a section again for the document as it stands: its hits, moods and silences, and the instruments.
 * @param {any} section `job`, `start`, `end` and `seed`.
 * @param {import("../model/state.js").Ask | undefined} before Wishes that the rest was composed for.
 */
export async function redo(section, before) {
  const { doc, root } = store.now;
  const { spotting, curve, ask } = doc;
  const players = (/** @type {import("../model/state.js").Ask} */ { palette, ensemble }) => ({ palette: palette || null, ensemble });
  const other = before && JSON.stringify(players(before)) !== JSON.stringify(players(ask));
  const music = other ? { music: { ...(root.request.music ?? {}), ...players(ask) } } : {};
  await run({ kind: "redo", ...section, spotting, curve, ...music });
  const left = Object.entries(COMMON).filter(([name]) => before && JSON.stringify(/** @type {any} */ (before)[name]) !== JSON.stringify(/** @type {any} */ (ask)[name]));
  if (left.length && store.now.job?.state === "done") say(`Section composed; ${left.map(([, words]) => words).join(", ")} stay as in the rest: compose the whole for that`);
}

/** @param {any} request */
export async function run(request) {
  if (store.now.busy) return;
  forgive();
  store.set({ busy: true, job: { kind: request.kind, state: "queued", request } });
  try {
    const record = await api.startJob(request);
    // until it is read again, a reload finds the cut as it is open
    if (request.kind === "feel") store.now.doc || remember({ job: record.id, cut: null });
    else remember({ job: record.id, cut: store.now.place });
    await follow(record);
  } catch (problem) {
    complain(problem);
  } finally {
    store.set({ busy: false });
  }
}

/** Follow a job until it ends, and take in what came of it. */
async function follow(/** @type {any} */ record) {
  following?.stop();
  store.set({ job: record });
  say(`${doing(record.kind)} …`);
  const { ended, stop } = api.follow(record.id, (progress) => {
    if (store.now.job?.id === record.id) store.set({ job: { ...record, state: "running", progress } });
  });
  following = { stop };
  const last = await ended;
  following = null;
  if (store.now.job?.id !== record.id) return;
  store.set({ job: last });
  await arrive(last);
}

/** Do what a job was asked for again with another sequence of its file, which is a cut of its own. */
async function openSequence(/** @type {any} */ { kind, request }, /** @type {string} */ sequence) {
  const named = { ...request, read: { ...(request.read ?? {}), sequence } };
  if (kind === "conform") {
    await conformCut(named);
    return;
  }
  closeCut();
  await readCut(named);
}

/** Carry music over to a changed cut, and open that cut. */
export async function conformCut(/** @type {any} */ request) {
  await run(request);
  const { job } = store.now;
  if (job?.kind !== "conform" || job.state !== "done") return;
  closeCut();
  await resume(job.id);
}

/** Take in what came of a job; `opened` when its document is on the page already. */
async function arrive(/** @type {any} */ record, opened = false) {
  if (record.state === "failed") {
    complain(record.error, record.error.setting === "sequence" ? (sequence) => openSequence(record, sequence) : undefined);
    say("It failed");
  }
  if (record.state === "cancelled") say("Cancelled");
  if (record.state !== "done") return;
  if (record.kind === "conform" && store.now.doc && !opened) return; // the changed cut takes the place of this one
  const { doc, root } = await documentOf(record);
  const before = store.now.doc;
  if (record.kind === "feel") {
    if (before && !opened) {
      await mergeReading(record, doc, root);
      await showVersionsOf(record);
    }
    remember({ job: store.now.versions.length ? store.now.versions.at(-1).job : record.id, cut: record.id });
    picturesFrom(record);
    tellMedia(record.result ?? {});
  }
  if (!before) await open(doc, root);
  if (!before && record.kind === "feel") await showVersionsOf(record);
  if (record.files?.cue) {
    if (!store.now.place) picturesFrom(record);
    await gather(record);
    await chooseVersion(record.id, record.result.cue.chosen);
  }
  store.set({ warnings: record.result?.warnings ?? [] });
  const gone = record.removed?.length ? `; the oldest versions (${record.removed.join(", ")}) were removed to make room. Star or name those to keep` : "";
  say(`${DONE[/** @type {keyof typeof DONE} */ (record.kind)]}${gone}`);
}

async function open(/** @type {any} */ doc, /** @type {any} */ root) {
  store.set({ root, hit: null, selection: null });
  store.open(doc && { ...doc, cut: store.now.place });
  if (doc) await beginDraft(root.cut, carriedOver);
}

/** Begin with nothing. */
export function closeCut() {
  stopDraft();
  following?.stop();
  following = null;
  remember({ job: null, cut: null });
  say("");
  store.set({ job: null, root: null, place: null, media: [], playable: false, video: false, versions: [], notes: {}, version: null, music: null, selection: null, hit: null, warnings: [], frame: 0 });
  store.open(null);
}

/** Take up a job: from the address after a reload, or from the list. */
export async function resume(/** @type {string} */ id, /** @type {string | null} */ cut = null) {
  store.set({ busy: true });
  try {
    const record = await api.job(id);
    remember({ job: id, cut });
    if (cut) {
      const read = await api.job(cut).catch(() => null);
      if (read?.state === "done") picturesFrom(read);
    }
    const { doc, root } = await documentOf(record);
    if (doc) {
      await open(doc, root);
      await gather(record);
      const { versions } = store.now;
      // a record with music of its own brings it to be heard below
      if (!record.files?.cue && versions.length) await chooseVersion(versions.at(-1).job, versions.at(-1).take);
    }
    await (record.ended ? (store.set({ job: record }), arrive(record, Boolean(doc))) : follow(record));
  } catch (problem) {
    complain(problem);
    if (/** @type {any} */ (problem).status === 404) closeCut();
  } finally {
    store.set({ busy: false });
  }
}

/** Go on with what is left after a job was removed; the document stays as it is. */
export async function forget(/** @type {string} */ id) {
  const { root, place } = store.now;
  const rest = (await api.jobsOf(root.cut)).reverse().filter((/** @type {any} */ each) => each.id !== id && each.state === "done" && !["live", "players"].includes(each.kind));
  if (!rest.length) {
    closeCut();
    return;
  }
  remember({ job: rest[0].id, cut: place === id ? null : place });
  hearVersion(null);
  store.set({ versions: [], version: null, music: null });
  await gather(rest[0]);
  const last = store.now.versions.at(-1);
  if (last) await chooseVersion(last.job, last.take);
}

/** Take up what the address names, if anything. */
export async function resumeFromAddress() {
  const { job, cut } = remembered();
  if (job) await resume(job, cut);
}

/** Go along with the readings that undone steps lead to. */
export function startJobs() {
  store.follow(["doc", "busy"], followReading);
}
