/** The mixer: music and original sound on a fader each, the music ducked under speech as the timeline will have it. */

import { store } from "../model/state.js";

const KEY = "emsync.mix";

/** Lowest place of a fader in decibels; there it is silent. */
export const LOWEST = -40;

/** Seconds over which a fader moves, so that it does not click. */
const GLIDE = 0.015;

/** Decibels by which a louder version is lowered at most when versions are compared. */
const MOST_TRIM = 12;

/** @typedef {"music" | "original"} Bus */
/** @typedef {{level: number, on: boolean}} Fader */
/** @typedef {{music: Fader, original: Fader, duck: boolean, equal: boolean}} Mix */

/** @type {Mix} */
const FIRST = { music: { level: 0, on: true }, original: { level: 0, on: true }, duck: true, equal: true };

/** @type {AudioContext | null} */
let context = null;
/** @type {Record<Bus, {fader: GainNode, duck: GainNode, meter: AnalyserNode}>} */
let buses;
/** Players that are to be heard through a bus, with their own gain. @type {Map<HTMLMediaElement, {bus: Bus, share: number, gain: GainNode | null}>} */
const players = new Map();

/** Give the gain of a number of decibels. */
export const gainOf = (/** @type {number} */ decibels) => (decibels <= LOWEST ? 0 : 10 ** (decibels / 20));

/** @returns {Mix} */
export function keptMix() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { ...FIRST, ...kept };
  } catch {
    return FIRST;
  }
}

/** Change the mix and remember it. */
export function setMix(/** @type {Partial<Mix>} */ patch) {
  const mix = { ...store.now.mix, ...patch };
  store.set({ mix });
  try {
    localStorage.setItem(KEY, JSON.stringify(mix));
  } catch {
    // a full or forbidden store only means that the next visit begins at the defaults
  }
}

/**
 * Give the ducking in decibels at a time.
 * @param {{time: number, gain: number}[]} keys In order of time.
 * @param {number} time Seconds.
 */
export function duckAt(keys, time) {
  const next = keys.findIndex((key) => key.time > time);
  if (next < 0) return keys.length ? keys[keys.length - 1].gain : 0;
  if (next === 0) return keys[0].gain;
  const [a, b] = [keys[next - 1], keys[next]];
  return a.gain + ((b.gain - a.gain) * (time - a.time)) / Math.max(b.time - a.time, 1e-9);
}

/** The version that is heard. */
const versionHeard = () => store.now.versions.find((/** @type {any} */ each) => each.letter === store.now.version);

/**
 * Give the gain that brings a version to the loudness of the softest one.
 * @param {any[]} versions
 * @param {any} heard
 */
export function trimOf(versions, heard) {
  const known = versions.map((each) => each.lufs).filter((each) => typeof each === "number");
  if (!known.length || typeof heard?.lufs !== "number") return 1;
  return gainOf(Math.max(-MOST_TRIM, Math.min(...known) - heard.lufs));
}

const fade = (/** @type {AudioParam} */ param, /** @type {number} */ value) => param.setTargetAtTime(value, context?.currentTime ?? 0, GLIDE);

/** Set the gains of faders and players to what the mix says. */
function apply() {
  const { mix, versions } = store.now;
  const trim = mix.equal ? trimOf(versions, versionHeard()) : 1;
  const level = (/** @type {Bus} */ bus) => (mix[bus].on ? gainOf(mix[bus].level) : 0) * (bus === "music" ? trim : 1);
  for (const [player, { bus, share, gain }] of players) {
    if (gain) fade(gain.gain, share);
    // before the first play there is no audio context yet
    player.volume = context ? 1 : Math.min(1, share * level(bus));
  }
  if (!context) return;
  for (const bus of /** @type {Bus[]} */ (["music", "original"])) fade(buses[bus].fader.gain, level(bus));
}

/**
 * Have a player heard through a bus.
 * @param {HTMLMediaElement} player
 * @param {Bus} bus
 */
export function adopt(player, bus) {
  if (players.has(player)) return;
  players.set(player, { bus, share: 1, gain: null });
  if (context) plug(player);
  apply();
}

/** Forget a player that is no longer wanted. */
export function release(/** @type {HTMLMediaElement} */ player) {
  players.get(player)?.gain?.disconnect();
  players.delete(player);
}

/** Set by how much of its bus a player is heard, from 0 to 1. */
export function share(/** @type {HTMLMediaElement} */ player, /** @type {number} */ amount) {
  const known = players.get(player);
  if (!known || known.share === amount) return;
  known.share = amount;
  apply();
}

/** Addresses of the sounds of music that can be heard at this moment. */
export const playersSounding = () => [...players].filter(([player, { bus, share: amount }]) => bus === "music" && amount > 0 && !player.paused).map(([player]) => player.src);

function plug(/** @type {HTMLMediaElement} */ player) {
  const known = players.get(player);
  if (!context || !known || known.gain) return;
  known.gain = context.createGain();
  known.gain.gain.value = known.share;
  context.createMediaElementSource(player).connect(known.gain).connect(buses[known.bus].duck);
}

/** Begin to mix: browsers allow sound only after the person has done something. */
export function wake() {
  if (!context) {
    const made = new AudioContext({ latencyHint: "interactive" });
    context = made;
    const bus = () => {
      const [duck, fader, meter] = [made.createGain(), made.createGain(), made.createAnalyser()];
      meter.fftSize = 1024;
      duck.connect(fader).connect(meter).connect(made.destination);
      return { duck, fader, meter };
    };
    buses = { music: bus(), original: bus() };
    for (const player of players.keys()) plug(player);
    apply();
  }
  if (context.state === "suspended") context.resume().catch(() => {});
}

/**
 * Write the ducking from a moment on into the music's gain.
 * @param {number} time Seconds.
 * @param {boolean} playing
 * @param {number} rate
 */
export function automate(time, playing, rate) {
  if (!context) return;
  const keys = store.now.mix.duck ? (versionHeard()?.duck ?? []) : [];
  const { gain } = buses.music.duck;
  const now = context.currentTime;
  gain.cancelScheduledValues(now);
  gain.setValueAtTime(gainOf(duckAt(keys, time)), now);
  if (!playing || rate <= 0) return;
  for (const key of keys) {
    // decibels that change evenly are a gain that changes exponentially
    if (key.time > time) gain.exponentialRampToValueAtTime(gainOf(key.gain), now + (key.time - time) / rate);
  }
}

/** The ducking that is heard at this moment, as a gain. */
export const duckingNow = () => (context ? buses.music.duck.gain.value : 1);

/** The clock and the way out for sounds that the page makes itself; null before the first play. */
export const desk = () => context && { context, out: context.destination };

const samples = new Float32Array(1024);

/**
 * Give the highest sample of the last moment.
 * @param {Bus} bus
 */
export function peakOf(bus) {
  if (!context) return 0;
  buses[bus].meter.getFloatTimeDomainData(samples);
  let most = 0;
  for (const sample of samples) most = Math.max(most, Math.abs(sample));
  return most;
}

/** Follow the faders and the version that is heard. */
export function startMixer() {
  store.set({ mix: keptMix() });
  store.follow(["mix", "version", "versions"], apply);
}
