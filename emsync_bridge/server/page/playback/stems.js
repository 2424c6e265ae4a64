/** The stems of the version that is heard: solo and mute. They play beside the mix, which stays the clock. */

import { store } from "../model/state.js";
import { fileUrl } from "../work/api.js";
import { adopt, release, share } from "./mixer.js";
import { sound } from "./sound.js";

/** Seconds that a stem may be off the mix before it is set right. */
const DRIFT = 0.03;

/** @type {Map<string, HTMLAudioElement>} */
const playing = new Map();

/** @typedef {{name: string, kind: string, mute: boolean, solo: boolean}} Stem */

/**
 * True for a stem that is heard.
 * @param {Stem[]} stems
 * @param {Stem} stem
 */
export const isHeard = (stems, stem) => (stems.some((each) => each.solo) ? stem.solo : !stem.mute);

/** True while the stems are heard and not the mix. */
const inParts = () => store.now.stems.some((/** @type {Stem} */ each) => each.solo || each.mute);

/** Turn a stem's solo or mute on or off. */
export function turn(/** @type {string} */ name, /** @type {"solo" | "mute"} */ what) {
  store.set({ stems: store.now.stems.map((/** @type {Stem} */ each) => (each.name === name ? { ...each, [what]: !each[what] } : each)) });
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

function apply() {
  const { stems, version, versions } = store.now;
  const heard = versions.find((/** @type {any} */ each) => each.letter === version);
  const mix = sound();
  if (!inParts()) {
    drop();
    if (mix) share(mix, 1);
    return;
  }
  for (const stem of stems) {
    let element = playing.get(stem.name);
    if (!element) {
      element = new Audio(fileUrl(heard.sound, stem.kind));
      element.preload = "auto";
      playing.set(stem.name, element);
      adopt(element, "music");
    }
    share(element, isHeard(stems, stem) ? 1 : 0);
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
    const names = heard?.audio ? (heard.stems ?? []) : [];
    const known = new Map(stems.map((/** @type {Stem} */ each) => [each.name, each]));
    drop();
    store.set({
      stems: names.map((/** @type {string} */ kind) => {
        const name = kind.slice("stem ".length);
        return known.get(name) ?? { name, kind, mute: false, solo: false };
      }),
    });
  });
  store.follow(["stems"], apply);
}
