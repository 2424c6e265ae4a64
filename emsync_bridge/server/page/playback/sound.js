/** The sound of the versions: one media element each, so that another takes over at the same playhead. */

import { adopt, release } from "./mixer.js";

const KEPT = 4;

/** @type {Map<string, HTMLAudioElement>} */
const elements = new Map();
/** @type {HTMLAudioElement | null} */
let heard = null;

/** The element that is heard, if any. */
export const sound = () => heard;

/** True when it can be played from where it is. */
export const isReady = () => heard !== null && heard.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !heard.error;

/**
 * Let another sound be heard from the same moment on.
 * @param {string | null} url
 * @param {number} time Seconds.
 * @param {boolean} playing
 * @param {number} rate
 */
export function hear(url, time, playing, rate) {
  const before = heard;
  if (url === null) {
    before?.pause();
    heard = null;
    return;
  }
  let next = elements.get(url);
  if (!next) {
    next = new Audio(url);
    next.preload = "auto";
    adopt(next, "music");
  }
  elements.delete(url);
  elements.set(url, next);
  for (const [old, element] of elements) {
    if (elements.size <= KEPT) break;
    element.removeAttribute("src");
    element.load();
    release(element);
    elements.delete(old);
  }
  if (next === before) return;
  heard = next;
  next.playbackRate = rate;
  next.currentTime = before && playing ? before.currentTime : time;
  if (!playing) {
    before?.pause();
    return;
  }
  // The one goes on until the other has begun, so that the change leaves no hole.
  const over = () => before?.pause();
  if (before) next.addEventListener("playing", over, { once: true });
  next.play().catch(over);
}
