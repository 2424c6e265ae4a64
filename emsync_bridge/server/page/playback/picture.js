/** The picture beside the music: a movie of the whole, the cut from its shots' own files, or still pictures of the shots. */

import { mediaUrl, proxyUrl, thumbnailUrl, videoUrl } from "../work/api.js";
import { adopt } from "./mixer.js";
import { byId } from "../shell/dom.js";
import { awaitProxy, stopWaiting } from "./proxy.js";
import { rateOf } from "../model/edits.js";
import { endsOf, firstAbove } from "../model/lookup.js";
import { store } from "../model/state.js";
import { timeOf } from "../model/smpte.js";

/** Seconds of drift beyond which the picture jumps instead of running a little faster or slower. */
const JUMP = 0.3;

/** @type {"movie" | "shots" | "still"} */
let mode = "still";
/** True where the movie of the whole is a copy that was made for browsers. */
let copied = false;
/** Two players, so that the next shot is ready when its cut comes. */
/** @type {HTMLVideoElement[]} */
const players = [];
let front = 0;
/** Shots whose files this browser cannot play, by what is known of a copy: wanted, made, or impossible.
 * @type {Map<number, "wanted" | "made" | "failed">} */
const unplayable = new Map();
/** True while copies of the shots' files are waited for. */
let copying = false;

/** @param {HTMLVideoElement} player @param {string} url */
function load(player, url) {
  if (player.getAttribute("src") === url) return;
  if (url) player.src = url;
  else {
    player.removeAttribute("src");
    player.load();
  }
}

/** File that shows a moment, and the time in it. */
function whereIs(/** @type {number} */ time) {
  const { doc, place, media } = store.now;
  if (mode === "movie") return { shot: -1, url: copied ? proxyUrl(place) : videoUrl(place), at: time + (store.now.root?.request.read?.between?.[0] ?? 0), speed: 1 };
  const shots = doc.spotting.shots;
  const index = Math.min(shots.length - 1, firstAbove(endsOf(shots), time + 1e-6));
  const shot = shots[index];
  const known = shot.source_start !== null && shot.source_end !== null;
  const playable = mode === "shots" && place && media[index] && known && (unplayable.get(index) ?? "made") === "made";
  const speed = known ? (shot.source_end - shot.source_start) / (shot.end - shot.start) : 1;
  const at = known ? shot.source_start + (Math.min(time, shot.end) - shot.start) * speed : 0;
  return { shot: index, url: playable ? (unplayable.has(index) ? proxyUrl(place, index) : mediaUrl(place, index)) : "", at, speed };
}

function stand(/** @type {number} */ shot) {
  const { place, media, doc } = store.now;
  const still = byId("still");
  const has = shot >= 0 && Boolean(place && media[shot]);
  // behind a player, the strip's own small picture does until the player has its first one
  const url = has ? thumbnailUrl(place, shot, mode === "still" || (unplayable.get(shot) ?? "made") !== "made" ? 960 : 160) : "";
  if (url && still.getAttribute("src") !== url) still.src = url;
  still.hidden = !url;
  byId("no-picture").hidden = Boolean(url);
  byId("no-picture").textContent = shot >= 0 ? doc.spotting.shots[shot].name || `Shot ${shot + 1}` : "";
}

/** Put the player in front that holds a moment; give it, or null where there is none. */
function present(/** @type {number} */ time) {
  const place = whereIs(time);
  let player = null;
  if (place.url) {
    if (players[front].getAttribute("src") !== place.url) {
      const other = 1 - front;
      if (players[other].getAttribute("src") === place.url) front = other;
      else load(players[front], place.url);
    }
    player = players[front];
    player.dataset.shot = String(place.shot);
  }
  players.forEach((each, index) => {
    each.classList.toggle("in-front", index === front && player !== null);
    if (index !== front || !player) each.pause();
  });
  // the still stands behind the player, so that a shot that loads shows its picture already
  stand(place.shot);
  return { ...place, player };
}

function readyNext(/** @type {number} */ shot, /** @type {boolean} */ backwards) {
  const { doc } = store.now;
  const next = doc.spotting.shots[shot + (backwards ? -1 : 1)];
  if (shot < 0 || !next) return;
  const place = whereIs(backwards ? next.end - 0.02 : next.start);
  const other = players[1 - front];
  if (!place.url || place.url === players[front].getAttribute("src") || other.getAttribute("src") === place.url) return;
  load(other, place.url);
  other.currentTime = place.at;
  other.dataset.shot = String(place.shot);
}

/** The middle of a frame, so that rounding in the file's own clock cannot show the frame before. */
const within = () => timeOf(1, rateOf(store.now.doc)) / 2;

/**
 * Show the picture of a moment, standing or about to run.
 * @param {number} time Seconds.
 * @param {boolean} playing
 */
export function showPicture(time, playing) {
  if (!store.now.doc || !players.length) return;
  const { player, at, shot, speed } = present(time);
  if (!player) return;
  if (!playing) player.pause();
  player.currentTime = at + within() * speed;
  readyNext(shot, false);
}

/**
 * Keep the picture with the clock.
 * @param {number} time Seconds.
 * @param {number} rate
 */
export function followClock(time, rate) {
  const { player, at, shot, speed } = present(time);
  if (player) {
    const drift = at - player.currentTime;
    const wanted = rate * speed;
    if (wanted <= 0 || wanted > 8) {
      if (!player.seeking && Math.abs(drift) > within()) player.currentTime = at;
    } else {
      if (player.paused) player.play().catch(() => {});
      if (Math.abs(drift) > JUMP * Math.max(1, wanted) && !player.seeking) player.currentTime = at;
      const nudge = Math.abs(drift) > within() / 2 ? Math.max(-0.1, Math.min(0.1, drift)) : 0;
      player.playbackRate = Math.max(0.1, Math.min(16, wanted * (1 + nudge)));
    }
  }
  readyNext(shot, rate < 0);
}

const showAgain = () => showPicture(timeOf(store.now.frame, rateOf(store.now.doc)), store.now.playing);

/** Have a copy of the movie made, and show it from then on. */
async function copyMovie() {
  if (!(await awaitProxy(store.now.place))) return;
  copied = true;
  mode = "movie";
  for (const id of ["original-sound", "original-level"]) byId(id).disabled = false;
  showAgain();
}

/** Have copies of the shots' files made, one after the other, the one that is looked at first. */
async function copyShots() {
  if (copying) return;
  copying = true;
  const { place, doc } = store.now;
  for (;;) {
    const wanted = [...unplayable].filter(([, copy]) => copy === "wanted").map(([shot]) => shot);
    if (!wanted.length || store.now.place !== place || mode !== "shots") break;
    const { shot: shown } = whereIs(timeOf(store.now.frame, rateOf(store.now.doc)));
    const next = wanted.includes(shown) ? shown : wanted[0];
    const made = await awaitProxy(place, next);
    if (made === null || store.now.place !== place) break;
    // shots of one file share its copy
    doc.spotting.shots.forEach((/** @type {any} */ { media }, /** @type {number} */ index) => {
      if (media === doc.spotting.shots[next].media) unplayable.set(index, made ? "made" : "failed");
    });
    showAgain();
  }
  copying = false;
}

/** Take note that the file of a shot cannot be played; a copy that cannot either is not made again. */
function refuseShot(/** @type {number} */ shot) {
  unplayable.set(shot, unplayable.has(shot) ? "failed" : "wanted");
  copyShots();
}

/** Find out which kind of picture there is, and hear the original sound where wanted. */
export function startPicture() {
  players.push(byId("player-a"), byId("player-b"));
  for (const player of players) {
    const fallBack = () => {
      if (!player.getAttribute("src")) return;
      if (mode === "movie") {
        mode = store.now.playable ? "shots" : "still";
        if (!copied) copyMovie();
      } else refuseShot(Number(player.dataset.shot));
      load(player, "");
      showAgain();
    };
    player.addEventListener("error", fallBack);
    // a browser that knows no ProRes or HEVC plays the sound alone and reports no error
    player.addEventListener("loadedmetadata", () => {
      if (!player.videoWidth) fallBack();
    });
  }
  for (const player of players) adopt(player, "original");
  store.follow(["place", "video", "playable"], ({ place, video, playable }) => {
    unplayable.clear();
    stopWaiting();
    copied = false;
    mode = video ? "movie" : playable ? "shots" : "still";
    for (const player of players) load(player, "");
    for (const id of ["original-sound", "original-level"]) byId(id).disabled = !place || mode === "still";
    if (store.now.doc) showPicture(timeOf(store.now.frame, rateOf(store.now.doc)), false);
  });
}
