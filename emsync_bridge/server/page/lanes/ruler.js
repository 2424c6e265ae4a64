/** The timecode ruler with playhead and selection. */

import { byId, drag } from "../shell/dom.js";
import { framesOf, rateOf } from "../model/edits.js";
import { store } from "../model/state.js";
import { font, palette } from "../shell/theme.js";
import { framesPerCount, fromTimecode, timeOf, toTimecode } from "../model/smpte.js";
import { seek } from "../playback/transport.js";
import { frameUnder, inWindow, lane, onMove, shown, view, xOf } from "./view.js";

const LABEL = 110; // pixels that a timecode takes with its margin
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

/**
 * Choose the ticks of a stretch: round timecodes, a label's width apart at least.
 * @param {import("../model/state.js").Doc} doc
 * @param {number} from Seconds.
 * @param {number} to Seconds.
 * @param {number} scale Pixels per second.
 * @returns {{frame: number, text: string}[]}
 */
export function ticks(doc, from, to, scale) {
  const rate = rateOf(doc);
  const { start_frame: first, drop_frame: drop } = doc.spotting;
  const last = framesOf(doc);
  const count = framesPerCount(rate);
  const found = [];
  if (scale >= 2 * LABEL) {
    // fewer than a second apart: every few frames, counted from each second's start
    const pixels = (scale * rate.den) / rate.num;
    const every = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15].find((n) => n * pixels >= LABEL && n < count / 1.5) ?? count;
    for (let frame = Math.max(0, Math.floor((from * rate.num) / rate.den)); frame <= last && timeOf(frame, rate) <= to; frame++) {
      const text = toTimecode(first + frame, rate, drop);
      const within = Number(text.slice(9));
      if (within % every === 0 && (within + every <= count || within === 0)) found.push({ frame, text });
    }
    return found;
  }
  const step = STEPS.find((s) => s * scale >= LABEL) ?? STEPS[STEPS.length - 1];
  const clock = Math.floor((first + (from * rate.num) / rate.den) / count);
  for (let second = Math.max(0, Math.floor(clock / step) - 1) * step; ; second += step) {
    const text = [3600, 60, 1].map((unit, i) => String(Math.floor(second / unit) % (i ? 60 : 100)).padStart(2, "0")).join(":");
    const frame = /** @type {number} */ (fromTimecode(`${text}:00`, rate, drop)) - first;
    if (frame > last || timeOf(frame, rate) > to) return found;
    if (frame >= 0) found.push({ frame, text: toTimecode(frame + first, rate, drop) });
    if (second > 86400) return found;
  }
}

function draw(/** @type {CanvasRenderingContext2D} */ context, /** @type {number} */ width, /** @type {number} */ height) {
  const { doc } = store.now;
  const { soft, line } = palette();
  const rate = rateOf(doc);
  const [from, to] = shown();
  const marks = ticks(doc, from, to, view.scale);
  context.font = font(11, "", "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace");
  context.textBaseline = "middle";
  context.fillStyle = line;
  const gap = marks.length > 1 ? marks[1].frame - marks[0].frame : 0;
  const parts = [10, 6, 5, 4, 3, 2].find((n) => gap % n === 0 && inWindow(timeOf(gap / n, rate)) + view.left > 7) ?? 1;
  for (const mark of marks) {
    context.fillRect(inWindow(timeOf(mark.frame, rate)), height - 10, 1, 10);
    for (let i = 1; i < parts; i++) context.fillRect(inWindow(timeOf(mark.frame + (i * gap) / parts, rate)), height - 4, 1, 4);
  }
  context.fillStyle = soft;
  for (const mark of marks) {
    const x = inWindow(timeOf(mark.frame, rate));
    if (x + LABEL - 20 < width) context.fillText(mark.text, x + 5, height / 2 - 2);
  }
}

function place() {
  const { doc, frame, selection } = store.now;
  if (!doc) return;
  const rate = rateOf(doc);
  byId("playhead").style.transform = `translateX(${Math.round(xOf(timeOf(frame, rate)))}px)`;
  const range = byId("range");
  range.hidden = !selection;
  if (!selection) return;
  range.style.left = `${Math.round(xOf(timeOf(selection.start, rate)))}px`;
  range.style.width = `${Math.max(1, Math.round(xOf(timeOf(selection.end - selection.start, rate))))}px`;
}

/**
 * Select from one frame to another; nothing when they are the same.
 * @param {number} a
 * @param {number} b
 */
export function select(a, b) {
  store.set({ selection: a === b ? null : { start: Math.min(a, b), end: Math.max(a, b) } });
}

/** Draw the ruler; let it be scrubbed, and the lanes below it be selected in. */
export function startRuler() {
  lane("ruler", [], draw);
  onMove(place);
  store.follow(["frame", "selection"], place);
  byId("lane-ruler").addEventListener("pointerdown", (/** @type {PointerEvent} */ down) => {
    if (down.button || !store.now.doc) return;
    seek(frameUnder(down));
    drag(down, (event) => seek(frameUnder(event)));
  });
  for (const id of ["lane-mood", "lane-wave", "lane-tempo", "lane-roll"]) {
    byId(id).addEventListener("pointerdown", (/** @type {PointerEvent} */ down) => {
      if (down.button || !store.now.doc || /** @type {Element} */ (down.target).closest("button, [role=slider]")) return;
      const first = frameUnder(down);
      const x = down.clientX;
      let dragged = false;
      const move = (/** @type {PointerEvent} */ event) => {
        dragged ||= Math.abs(event.clientX - x) > 4;
        if (dragged) select(first, frameUnder(event));
      };
      drag(down, move, (up) => {
        if (up && !dragged) {
          seek(first);
          select(0, 0);
        }
      });
    });
  }
}
