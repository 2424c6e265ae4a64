/** Jobs: start, follow, cancel; what comes of them becomes the document and its versions. */

import * as api from "./api.js";
import { able, byId } from "../shell/dom.js";
import { complain, forgive, inWords, say } from "../shell/notice.js";
import { FIRST_ASK, store } from "../model/state.js";
import { gather, chooseVersion } from "./versions.js";
import { hearVersion } from "../playback/transport.js";

const EDITS = "emsync.edits";
const SAVED_AFTER = 400; // ms

const DOING = {
  spot: "Reading the cut", feel: "Reading the cut", score: "Composing", redo: "Composing a section", take: "Rendering the take", live: "Playing",
};
const DONE = { spot: "Cut read", feel: "Cut read", score: "Music composed", redo: "Section composed", take: "Take rendered", live: "Played" };

/** @type {{stop: () => void} | null} */
let following = null;

/** Put what is worked at into the address, so that a reload goes on there. */
function remember(/** @type {Record<string, string | null>} */ where) {
  const hash = new URLSearchParams(location.hash.slice(1));
  for (const [name, value] of Object.entries(where)) {
    if (value) hash.set(name, value);
    else hash.delete(name);
  }
  history.replaceState(null, "", hash.size ? `#${hash}` : location.pathname);
}

/**
 * Give the document that a record holds or was made from.
 * @param {any} record
 * @returns {Promise<{doc: import("../model/state.js").Doc | null, root: any}>}
 */
async function documentOf(record) {
  const { request, result } = record;
  if (request.job) {
    const before = await documentOf(await api.job(request.job));
    const cue = result?.cue;
    return { ...before, doc: cue && before.doc ? { ...before.doc, spotting: cue.spotting, curve: cue.curve } : before.doc };
  }
  const { spotting, curve } = result?.cue ?? (result?.curve ? result : request);
  const root = { source: request.source, name: spotting?.name ?? nameOf(request.source), request };
  return { doc: spotting && curve ? { spotting, curve, ask: askOf(request) } : null, root };
}

/** What a request asked of the music; what it left open is as on a new page. @param {any} request @returns {import("../model/state.js").Ask} */
function askOf({ music, seed, takes, render }) {
  if (!music) return FIRST_ASK;
  return {
    ensemble: music.ensemble ?? FIRST_ASK.ensemble,
    bpm: music.bpm ?? null,
    key: music.key ?? "",
    max_bend: music.max_bend ?? FIRST_ASK.max_bend,
    smooth_tempo: music.smooth_tempo ?? false,
    meter: music.meter ? `${music.meter.numerator}/${music.meter.denominator ?? 4}` : "",
    takes: takes ?? 1,
    seed: seed ?? 1,
    stems: render?.stems ?? FIRST_ASK.stems,
  };
}

/** Whether a file is a timeline, by its name. */
export const isTimeline = (/** @type {string} */ name) => /\.(otio|otioz|otiod|xml|fcpxml|edl|aaf)$/i.test(name);

/** The last part of a path of any system. */
export const nameOf = (/** @type {string} */ path) => path.split(/[\\/]/).pop() ?? path;

/** What a reader of the request must be told alike each time. */
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
  const { ensemble, bpm, meter, key, max_bend, smooth_tempo, takes, seed, stems } = doc.ask;
  const [numerator, denominator] = meter.split("/").map(Number);
  return run({
    kind: "score",
    ...reading(root.request),
    render: { ...(root.request.render ?? {}), stems },
    music: { ...(root.request.music ?? {}), ensemble, bpm, max_bend, smooth_tempo, key: key || null, meter: meter ? { numerator, denominator } : null },
    seed,
    takes,
    spotting: doc.spotting,
    curve: doc.curve,
  });
}

/** @param {any} request */
export async function run(request) {
  if (store.now.busy) return;
  forgive();
  store.set({ busy: true, job: { kind: request.kind, state: "queued", request } });
  try {
    const record = await api.startJob(request);
    if (request.kind === "feel") remember({ job: record.id, cut: null });
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
  say(`${DOING[/** @type {keyof typeof DOING} */ (record.kind)]} …`);
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

/** Take in what came of a job; `opened` when its document is on the page already. */
async function arrive(/** @type {any} */ record, opened = false) {
  if (record.state === "failed") {
    complain(record.error);
    say("It failed");
  }
  if (record.state === "cancelled") say("Cancelled");
  if (record.state !== "done") return;
  const { doc, root } = await documentOf(record);
  const fresh = !store.now.doc || (record.kind === "feel" && !opened);
  if (record.kind === "feel") {
    remember({ cut: record.id });
    picturesFrom(record);
  }
  if (fresh) open(doc, root);
  if (record.files?.cue) {
    if (!store.now.place) picturesFrom(record);
    await gather(record);
    await chooseVersion(record.id, record.result.cue.chosen);
  }
  store.set({ warnings: record.result?.warnings ?? [] });
  say(DONE[/** @type {keyof typeof DONE} */ (record.kind)]);
}

/** Have shots and picture come from a job. */
function picturesFrom(/** @type {any} */ { id, request, result }) {
  const { media, video, spotting, cue } = result ?? {};
  const shots = (spotting ?? cue?.spotting)?.shots ?? [];
  store.set({
    place: id,
    media: media ?? shots.map((/** @type {any} */ shot) => shot.media !== null),
    playable: Boolean(media),
    video: video ?? Boolean(request.emotion?.picture || !isTimeline(request.source ?? "")),
  });
}

function open(/** @type {any} */ doc, /** @type {any} */ root) {
  const kept = keptEdits(root?.source);
  store.set({ root, hit: null, selection: null });
  store.open(doc);
  if (kept && doc && JSON.stringify(kept) !== JSON.stringify(doc)) store.edit("edits from before the reload", kept);
}

/** The edits that this window made to a source before a reload. */
function keptEdits(/** @type {string | undefined} */ source) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(EDITS) ?? "null");
    return kept?.source === source && kept.hash === location.hash ? kept.doc : null;
  } catch {
    return null;
  }
}

/** Begin with nothing. */
export function closeCut() {
  following?.stop();
  following = null;
  remember({ job: null, cut: null });
  store.set({ job: null, root: null, place: null, media: [], playable: false, video: false, versions: [], version: null, music: null, selection: null, hit: null, warnings: [], frame: 0 });
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
      open(doc, root);
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
  const rest = (await api.jobs()).filter((/** @type {any} */ each) => each.id !== id && each.state === "done" && each.request.source === root.source);
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
  const hash = new URLSearchParams(location.hash.slice(1));
  const id = hash.get("job");
  if (id) await resume(id, hash.get("cut"));
}

function showProgress(/** @type {any} */ { job, busy }) {
  const { step = "", share = 0, seconds_left: left = null } = job?.progress ?? {};
  const bar = byId("progress");
  byId("progress-area").classList.toggle("busy", busy);
  able(byId("cancel"), busy && Boolean(job?.id) && !job.ended);
  document.body.classList.toggle("working", busy);
  if (!busy) {
    bar.removeAttribute("aria-valuenow");
    return;
  }
  const waiting = !job || job.state === "queued";
  const words = waiting ? "Waiting" : step || DOING[/** @type {keyof typeof DOING} */ (job.kind)];
  byId("progress-fill").style.transform = `scaleX(${share})`;
  byId("progress-step").textContent = words;
  byId("progress-left").textContent = left === null || waiting ? "" : `${inWords(left)} left`;
  // no number before the bridge has taken the job in
  if (job?.id) bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  bar.setAttribute("aria-valuetext", `${words}, ${Math.round(share * 100)} %`);
}

/** Show progress, cancel, and keep edits over a reload. */
export function startJobs() {
  store.follow(["job", "busy"], showProgress);
  byId("cancel").addEventListener("click", async () => {
    const { job, busy } = store.now;
    if (!busy || !job?.id) return;
    try {
      await api.cancelJob(job.id);
    } catch (problem) {
      complain(problem);
    }
  });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let saving;
  const save = () => {
    clearTimeout(saving);
    saving = undefined;
    const { doc, root } = store.now;
    if (!doc || !store.past.length) return;
    try {
      sessionStorage.setItem(EDITS, JSON.stringify({ source: root?.source, hash: location.hash, doc }));
    } catch {
      // a full or forbidden store only means that a reload loses edits
    }
  };
  // a drag edits with every move, and a long cut takes its time to be written down
  store.follow(["doc", "job"], () => {
    saving ??= setTimeout(save, SAVED_AFTER);
  });
  window.addEventListener("pagehide", save);
}
