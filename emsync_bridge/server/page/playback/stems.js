/** Stems and single players of the version that is heard: solo and mute. They play beside the mix, which stays the clock. */

import { store } from "../model/state.js";
import { fileUrl } from "../work/api.js";
import { adopt, release, share } from "./mixer.js";
import { sound } from "./sound.js";

/** Seconds that a stem may be off the mix before it is set right. */
const DRIFT = 0.03;

/** Elements by the kinds of their files. @type {Map<string, HTMLAudioElement>} */
const playing = new Map();

/**
 * A family, or a single player of one, whose name is `family`.
 * @typedef {{name: string, kind: string, job: string, family: string | null, mute: boolean, solo: boolean}} Stem
 */

/** The players of a family that can be heard alone. */
const playersIn = (/** @type {Stem[]} */ stems, /** @type {Stem} */ { name }) => stems.filter((each) => each.family === name);

/**
 * True for a stem that is heard, at least in part.
 * @param {Stem[]} stems
 * @param {Stem} stem
 * @returns {boolean}
 */
export function isHeard(stems, stem) {
  const alone = stems.some((each) => each.solo);
  if (stem.family === null) {
    const players = playersIn(stems, stem);
    if (players.length) return players.some((each) => isHeard(stems, each));
    return alone ? stem.solo : !stem.mute;
  }
  const family = stems.find((each) => each.family === null && each.name === stem.family);
  if (alone) return stem.solo || (Boolean(family?.solo) && !stem.mute);
  return !stem.mute && !family?.mute;
}

/** True while the stems are heard and not the mix. */
const inParts = () => store.now.stems.some((/** @type {Stem} */ each) => each.solo || each.mute);

/** Turn the solo or mute of a stem on or off. */
export function turn(/** @type {string} */ kind, /** @type {"solo" | "mute"} */ what) {
  store.set({ stems: store.now.stems.map((/** @type {Stem} */ each) => (each.kind === kind ? { ...each, [what]: !each[what] } : each)) });
}

function drop() {
  for (const element of playing.values()) {
    element.pause();
    element.removeAttribute("src");
    element.load();
    release(element);
  }
  playing.clear();
}

function play(/** @type {Stem} */ { job, kind }, /** @type {boolean} */ heard) {
  let element = playing.get(kind);
  if (!element && !heard) return;
  if (!element) {
    element = new Audio(fileUrl(job, kind));
    element.preload = "auto";
    playing.set(kind, element);
    adopt(element, "music");
  }
  share(element, heard ? 1 : 0);
}

function apply() {
  const { stems } = store.now;
  const mix = sound();
  if (!inParts()) {
    drop();
    if (mix) share(mix, 1);
    return;
  }
  for (const stem of stems.filter((/** @type {Stem} */ each) => each.family === null)) {
    const players = playersIn(stems, stem);
    // the whole family is one file; only a part of it is put together from its players
    const divided = isHeard(stems, stem) && !players.every((each) => isHeard(stems, each));
    play(stem, isHeard(stems, stem) && !divided);
    for (const each of players) play(each, divided && isHeard(stems, each));
  }
  if (mix) share(mix, 0);
  followMix();
}

/** Keep the stems with the mix. */
export function followMix() {
  const mix = sound();
  if (!playing.size || !mix) return;
  for (const element of playing.values()) {
    element.playbackRate = mix.playbackRate;
    if (mix.paused) element.pause();
    else if (element.paused) element.play().catch(() => {});
    if (!element.seeking && Math.abs(element.currentTime - mix.currentTime) > DRIFT) element.currentTime = mix.currentTime;
  }
}

/** Show the stems of the version that is heard; what was soloed or muted stays so where the name stays. */
export function startStems() {
  store.follow(["version", "versions"], ({ version, versions, stems }) => {
    const heard = versions.find((/** @type {any} */ each) => each.letter === version);
    const known = new Map(stems.map((/** @type {Stem} */ each) => [each.kind, each]));
    const listed = (/** @type {string} */ kind, /** @type {string} */ job, /** @type {string | null} */ family) => {
      const { mute = false, solo = false } = known.get(kind) ?? {};
      return { name: kind.slice(kind.indexOf(" ") + 1), kind, job, family, mute, solo };
    };
    const names = heard?.audio ? (heard.stems ?? []) : [];
    drop();
    store.set({
      stems: names.flatMap((/** @type {string} */ kind) => {
        const family = listed(kind, heard.sound, null);
        const { job = "", kinds = [] } = heard.players?.[family.name] ?? {};
        return [family, ...kinds.map((/** @type {string} */ each) => listed(each, job, family.name))];
      }),
    });
  });
  store.follow(["stems"], apply);
}
