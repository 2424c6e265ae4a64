/** The playhead: playing, shuttling, stepping. Sound is the clock, pictures follow it. */

import { byId } from "../shell/dom.js";
import { framesOf, rateOf } from "../model/edits.js";
import { complain, say } from "../shell/notice.js";
import { followClock, showPicture } from "./picture.js";
import { frameOfTimecode, timecodeOf } from "../model/cut_timecode.js";
import { passHits, signalsFrom } from "./hit_signals.js";
import { automate, wake } from "./mixer.js";
import { hear, isReady, sound } from "./sound.js";
import { followMix } from "./stems.js";
import { store } from "../model/state.js";
import { frameShown, timeOf } from "../model/smpte.js";
import { reveal } from "../lanes/view.js";

const SPEEDS = [1, 2, 4, 8];

/** Rates that a browser plays sound at. */
const AUDIBLE = 4;

/** Time of the playhead between frames, in seconds. */
let now = 0;
let drawnAt = 0;
/** True while the sound gives the time. */
let led = false;

/** Time of the playhead, in seconds. */
export const playheadTime = () => now;

/** Write the ducking again, and signal hit points from here on. */
function follow() {
  const { playing, rate } = store.now;
  automate(now, playing, rate);
  signalsFrom(now);
  followMix();
}

/** @param {number} frame */
const clamp = (frame) => Math.max(0, Math.min(framesOf(store.now.doc), frame));

/** Go to a frame; playing goes on from there. */
export function seek(/** @type {number} */ frame) {
  const { doc } = store.now;
  if (!doc) return;
  const to = clamp(frame);
  now = timeOf(to, rateOf(doc));
  const playing = sound();
  if (playing) playing.currentTime = now;
  store.set({ frame: to });
  showPicture(now, store.now.playing);
  follow();
}

/** Go some frames on or back, and stop. */
export function step(/** @type {number} */ frames) {
  if (!store.now.doc) return;
  pause();
  seek(store.now.frame + frames);
  reveal(now);
}

/** Go to a frame and bring it into view. */
export function jump(/** @type {number} */ frame) {
  seek(frame);
  reveal(now);
}

/** Stop where the playhead is: on the frame that it shows, not within it, or the picture would be the next one. */
export function pause() {
  const { playing, doc, frame } = store.now;
  if (!playing) return;
  sound()?.pause();
  store.set({ playing: false, rate: 1 });
  if (doc) now = timeOf(frame, rateOf(doc));
  showPicture(now, false);
  follow();
}

/** Play at a rate: negative ones backwards, without sound. */
export function play(rate = 1) {
  const { doc, frame, loop, selection } = store.now;
  if (!doc) return;
  wake();
  if (rate > 0 && loop && selection && (frame < selection.start || frame >= selection.end)) seek(selection.start);
  else if (rate > 0 && frame >= framesOf(doc)) seek(0);
  store.set({ playing: true, rate });
  drawnAt = performance.now();
  const element = sound();
  led = false;
  if (element && rate > 0 && rate <= AUDIBLE) {
    element.playbackRate = rate;
    element.currentTime = now;
    led = true;
    element.play().catch((problem) => {
      led = false;
      if (problem.name === "NotSupportedError") complain({ what: "This browser cannot play the music", where: element.currentSrc, hint: "Use a current Chrome, Edge, Firefox or Safari" });
    });
  } else element?.pause();
  follow();
  requestAnimationFrame(tick);
}

/** Play, or stop. */
export const toggle = () => (store.now.playing ? pause() : play());

/** J and L: faster each time, in a direction. */
export function shuttle(/** @type {1 | -1} */ way) {
  const { playing, rate } = store.now;
  const onward = playing && Math.sign(rate) === way;
  const at = onward ? SPEEDS[Math.min(SPEEDS.length - 1, SPEEDS.indexOf(Math.abs(rate)) + 1)] : 1;
  play(way * at);
  if (at > 1 || way < 0) say(`${way < 0 ? "Backwards, " : ""}${at} times`);
}

function tick(/** @type {number} */ at) {
  const { playing, rate, doc, frame } = store.now;
  if (!playing || !doc) return;
  const element = sound();
  if (led && element && isReady()) now = element.ended ? timeOf(framesOf(doc), rateOf(doc)) : element.currentTime;
  else if (!led) now += (rate * (at - drawnAt)) / 1000;
  drawnAt = at;
  const shown = clamp(frameShown(Math.max(0, now), rateOf(doc)));
  if (shown !== frame) store.set({ frame: shown });
  const { loop, selection } = store.now;
  if (loop && rate > 0) {
    const [first, last] = selection ? [selection.start, selection.end] : [0, framesOf(doc)];
    if (shown >= last) {
      seek(first);
      const again = sound();
      if (led && again?.paused) again.play().catch(() => {});
      requestAnimationFrame(tick);
      return;
    }
  }
  passHits(now, rate);
  followMix();
  if ((rate < 0 && now <= 0) || (rate > 0 && shown >= framesOf(doc))) {
    pause();
    seek(shown);
    return;
  }
  followClock(now, rate);
  reveal(now, true);
  requestAnimationFrame(tick);
}

/** Let another version be heard from the same playhead on. */
export function hearVersion(/** @type {string | null} */ url) {
  const { playing, rate } = store.now;
  hear(url, now, playing && rate > 0 && rate <= AUDIBLE, rate);
  if (playing) {
    led = url !== null && rate > 0 && rate <= AUDIBLE;
    drawnAt = performance.now();
  }
  follow();
}

/** Play the selection round and round, or once. */
export function toggleLoop() {
  const loop = !store.now.loop;
  store.set({ loop });
  say(loop ? (store.now.selection ? "Loop the selection" : "Loop the cut; select a shot to loop it alone") : "Loop off");
}

/** Listen to the buttons and the timecode field. */
export function startTransport() {
  /** @type {[string, () => void][]} */
  const buttons = [
    ["to-start", () => jump(0)],
    ["back", () => step(-1)],
    ["play", toggle],
    ["forward", () => step(1)],
    ["to-end", () => store.now.doc && jump(framesOf(store.now.doc))],
  ];
  for (const [id, act] of buttons) byId(id).addEventListener("click", act);
  byId("loop").addEventListener("click", toggleLoop);
  store.follow(["loop"], ({ loop }) => byId("loop").setAttribute("aria-pressed", String(loop)));
  const field = byId("timecode");
  store.follow(["frame", "doc"], ({ doc, frame }) => {
    if (doc && document.activeElement !== field) field.value = timecodeOf(doc, frame);
  });
  const enter = () => {
    const { doc, frame } = store.now;
    if (!doc || field.value === timecodeOf(doc, frame)) return;
    const to = frameOfTimecode(doc, field.value);
    if (to === null) say(`${field.value} is not a timecode of this cut`);
    else jump(to);
    field.value = timecodeOf(doc, store.now.frame);
  };
  field.addEventListener("change", enter);
  field.addEventListener("focus", () => field.select());
  /** @type {number | null} */
  let start = null;
  // the playhead stays at its timecode where another cue of the film is opened
  store.follow(["doc"], ({ doc, frame }) => {
    const before = start;
    start = doc?.spotting.start_frame ?? null;
    if (!doc || before === null || before === start) return;
    pause();
    store.set({ selection: null });
    jump(frame + before - doc.spotting.start_frame);
  });
  store.follow(["playing"], ({ playing }) => {
    byId("play").setAttribute("aria-label", playing ? "Pause" : "Play");
    byId("play").classList.toggle("is-playing", playing);
  });
  /** @type {any} */
  let doc = null;
  store.follow(["doc"], (state) => {
    if (state.doc && !doc) seek(clamp(state.frame));
    if (!state.doc && doc) pause();
    doc = state.doc;
  });
}
