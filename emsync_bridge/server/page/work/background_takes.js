/** Takes rendered in the background, so that each can be heard at once. Work that the person asks for goes before. */

import * as api from "./api.js";
import { store } from "../model/state.js";
import { gather, hearLetter } from "./versions.js";

/** Newest takes of a cut that are rendered unasked, and the minutes of music that they may have in all. */
const MOST = 8;
const MINUTES = 10;

/** Jobs of the bridge that are searched for the same take. */
const LOOKED_AT = 50;

/** Name of this work among those that take turns in the bridge's queue. */
const CLIENT = "page background";

/** The take that is being rendered. @type {{key: string, id: string | null, stopped: boolean} | null} */
let current = null;

/** Takes that could not be rendered; the button Render says why. @type {Set<string>} */
const failed = new Set();

/** A job that ended while other work was going on. @type {any} */
let arrived = null;

/** Name of a take in the store's `rendering`. */
export const takeKey = (/** @type {any} */ { job, take }) => `${job} ${take}`;

/** New takes that have no sound yet, in the order in which they are rendered: the one that is chosen first. */
function waiting() {
  const { doc, versions, version } = store.now;
  const most = Math.min(MOST, Math.floor((MINUTES * 60) / doc.spotting.duration));
  const takes = versions.filter((/** @type {any} */ each) => each.kind === "score").slice(-most - 1);
  const silent = takes.filter((/** @type {any} */ each) => !each.audio && !failed.has(takeKey(each)));
  const turn = (/** @type {any} */ each) => (each.letter === version ? 0 : each.job === takes.at(-1).job ? 1 : 2);
  return silent.sort((/** @type {any} */ a, /** @type {any} */ b) => turn(a) - turn(b));
}

/** The job that renders a take already, for another tab or before a reload. */
async function underway(/** @type {any} */ { job, take }) {
  const jobs = await api.jobs(LOOKED_AT);
  return jobs.find(({ kind, state, request }) => kind === "take" && request.job === job && request.take === take && ["queued", "running"].includes(state));
}

/** Put a rendered take among the versions; one that is chosen begins to sound. */
async function takeIn(/** @type {any} */ record) {
  const silent = new Set(store.now.versions.filter((/** @type {any} */ each) => !each.audio).map((/** @type {any} */ each) => each.letter));
  await gather(record);
  const { version, versions } = store.now;
  if (silent.has(version) && versions.find((/** @type {any} */ each) => each.letter === version)?.audio) await hearLetter(version);
}

async function renderNext() {
  const { busy, doc, root } = store.now;
  if (current || busy || !doc) return;
  if (arrived) {
    const record = arrived;
    arrived = null;
    await takeIn(record);
    return;
  }
  const [next] = waiting();
  if (!next) return;
  const mine = { key: takeKey(next), id: null, stopped: false };
  current = mine;
  store.set({ rendering: mine.key });
  try {
    const { id } = (await underway(next)) ?? (await api.startJob({ kind: "take", job: next.job, take: next.take, client: CLIENT }));
    mine.id = id;
    if (mine.stopped) await api.cancelJob(id);
    const last = await api.follow(id, () => {}).ended;
    if (last.state !== "done") {
      if (!mine.stopped) failed.add(mine.key);
    } else if (store.now.busy) arrived = last;
    else if (store.now.root === root) await takeIn(last);
  } catch {
    failed.add(mine.key);
  } finally {
    current = null;
    store.set({ rendering: null });
  }
}

/** Give way to what the person has asked for. */
function stop() {
  if (!current || current.stopped) return;
  current.stopped = true;
  if (current.id) api.cancelJob(current.id).catch(() => {});
}

/** Render while nothing else is done. */
export function startBackgroundTakes() {
  store.follow(["busy", "doc", "versions", "rendering"], ({ busy, doc }) => {
    if (busy || !doc) stop();
    if (!doc) arrived = null;
    queueMicrotask(renderNext);
  });
}
