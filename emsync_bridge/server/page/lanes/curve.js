/** The emotion curve: valence and arousal with their error, to be dragged or set by keys, a span at a time. */

import { byId, drag, el, keyed } from "../shell/dom.js";
import { orderMood, rateOf } from "../model/edits.js";
import { hitLines } from "./hits.js";
import { timecodeOf } from "../model/cut_timecode.js";
import { select } from "./ruler.js";
import { within } from "../model/lookup.js";
import { store } from "../model/state.js";
import { font, palette } from "../shell/theme.js";
import { frameAt } from "../model/smpte.js";
import { inWindow, lane, onMove, redraw, shown, view, xOf } from "./view.js";

const LEAST = 3; // pixels of a span in the mean below which it is drawn from afar
const SMOOTH = 4; // columns on both sides that the mean is taken of
const EDGE = 8; // pixels above +1 and below -1

/** @typedef {"valence" | "arousal"} Axis */

/** @type {Axis[]} */
const AXES = ["valence", "arousal"];

/** @param {number} value @param {number} height */
const yOf = (value, height) => EDGE + ((1 - value) / 2) * (height - 2 * EDGE);

/** Give a level with its sign, as people read it. */
export const signed = (/** @type {number} */ value) => `${value < 0 ? "\u2212" : "+"}${Math.abs(value).toFixed(2)}`;

function draw(/** @type {CanvasRenderingContext2D} */ context, /** @type {number} */ width, /** @type {number} */ height) {
  const { doc } = store.now;
  const colours = palette();
  const [from, to] = shown();
  context.fillStyle = colours.line;
  context.fillRect(0, Math.round(yOf(0, height)), width, 1);
  hitLines(context, height);
  const all = doc.curve.spans;
  const spans = all.slice(...within(all, from, to));
  if (spans.length * LEAST > width) {
    fromAfar(context, width, height, spans);
    return;
  }
  AXES.forEach((axis, which) => {
    const levels = spans.map((/** @type {any} */ span) => ({
      left: Math.max(-4, inWindow(span.start)),
      right: Math.min(width + 4, inWindow(span.end)),
      value: span.affect[axis],
      sigma: span.sigma[which],
      silence: span.silence,
    }));
    context.fillStyle = colours[axis];
    context.globalAlpha = 0.11;
    for (const { left, right, value, sigma, silence } of levels) {
      if (silence || !sigma) continue;
      const top = yOf(Math.min(1, value + sigma), height);
      context.fillRect(left, top, right - left, yOf(Math.max(-1, value - sigma), height) - top);
    }
    context.globalAlpha = 1;
    context.strokeStyle = colours[axis];
    context.lineWidth = 2;
    context.setLineDash(which ? [6, 2] : []);
    context.beginPath();
    let begun = false;
    for (const { left, right, value, silence } of levels) {
      if (silence) {
        begun = false;
        continue;
      }
      const y = Math.round(yOf(value, height));
      if (begun) context.lineTo(left, y);
      else context.moveTo(left, y);
      context.lineTo(right, y);
      begun = true;
    }
    context.stroke();
    context.setLineDash([]);
    context.lineWidth = 1;
  });
  words(context, height, spans);
}

/**
 * Draw the curve where its spans are narrower than they can be told apart: for every few pixels the mean, and the range.
 * @param {CanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} height
 * @param {any[]} spans
 */
function fromAfar(context, width, height, spans) {
  const colours = palette();
  const count = Math.ceil(width / LEAST) + 1;
  AXES.forEach((axis, which) => {
    const [sum, weight] = [new Float64Array(count), new Float64Array(count)];
    const [low, high] = [new Float64Array(count).fill(2), new Float64Array(count).fill(-2)];
    for (const span of spans) {
      if (span.silence) continue;
      const value = span.affect[axis];
      const last = Math.min(count - 1, Math.floor((xOf(span.end) - view.left) / LEAST));
      for (let at = Math.max(0, Math.floor((xOf(span.start) - view.left) / LEAST)); at <= last; at++) {
        const long = span.end - span.start;
        sum[at] += value * long;
        weight[at] += long;
        low[at] = Math.min(low[at], value);
        high[at] = Math.max(high[at], value);
      }
    }
    context.fillStyle = colours[axis];
    context.globalAlpha = 0.28;
    for (let at = 0; at < count; at++) {
      if (weight[at]) context.fillRect(at * LEAST, yOf(high[at], height), LEAST, Math.max(1, yOf(low[at], height) - yOf(high[at], height)));
    }
    context.globalAlpha = 1;
    context.strokeStyle = colours[axis];
    context.lineWidth = 1.5;
    context.setLineDash(which ? [6, 2] : []);
    context.beginPath();
    // the mean of a neighbourhood, so that the eye finds the course and not the cuts
    for (let at = 0, begun = false; at < count; at++) {
      let [total, over] = [0, 0];
      for (let near = Math.max(0, at - SMOOTH); near <= Math.min(count - 1, at + SMOOTH); near++) {
        total += sum[near];
        over += weight[near];
      }
      if (!weight[at]) begun = false;
      else if (begun) context.lineTo((at + 0.5) * LEAST, yOf(total / over, height));
      else {
        context.moveTo((at + 0.5) * LEAST, yOf(total / over, height));
        begun = true;
      }
    }
    context.stroke();
    context.setLineDash([]);
    context.lineWidth = 1;
  });
  words(context, height, spans);
}

function words(/** @type {CanvasRenderingContext2D} */ context, /** @type {number} */ height, /** @type {any[]} */ spans) {
  const { doc } = store.now;
  const { soft, ink, panel } = palette();
  context.font = font(11, "italic");
  context.textBaseline = "middle";
  context.textAlign = "center";
  context.fillStyle = soft;
  for (const span of spans) {
    if (!span.silence) continue;
    if (xOf(span.end - span.start) > 50) context.fillText("silence", inWindow((span.start + span.end) / 2), height / 2);
  }
  context.textAlign = "left";
  for (const order of doc.spotting.directives) {
    const text = `▸ ${order.text}`;
    const x = inWindow(order.start) + 4;
    const size = context.measureText(text).width;
    context.fillStyle = panel;
    context.globalAlpha = 0.85;
    context.fillRect(x - 2, 2, size + 4, 15);
    context.globalAlpha = 1;
    context.fillStyle = ink;
    context.fillText(text, x, 10);
  }
}

/** Set one axis of one span. */
function order(/** @type {number} */ index, /** @type {Axis} */ axis, /** @type {number} */ value, /** @type {string | null} */ gesture) {
  const { doc } = store.now;
  const rate = rateOf(doc);
  const span = doc.curve.spans[index];
  const changed = orderMood(doc, frameAt(span.start, rate), frameAt(span.end, rate), { [axis]: value, silence: false });
  store.edit(`Change ${axis}`, changed, gesture);
}

/** @type {Record<Axis, number>} */
const stops = { valence: 0, arousal: 0 };

function handles(/** @type {Axis} */ axis) {
  const { doc } = store.now;
  const height = byId("mood").clientHeight;
  const [from, to] = shown();
  const stop = Math.min(stops[axis], doc.curve.spans.length - 1);
  const spans = doc.curve.spans;
  const [first, last] = within(spans, from, to);
  const seen = [];
  for (let index = first; index < last; index++) if (xOf(spans[index].end - spans[index].start) > 12) seen.push({ span: spans[index], index });
  if (!seen.some(({ index }) => index === stop)) seen.splice(stop < first ? 0 : seen.length, 0, { span: spans[stop], index: stop });
  keyed(
    byId(`${axis}-handles`),
    seen,
    ({ index }) => String(index),
    () => {
      const node = el("div", {
        class: `handle ${axis}`, role: "slider", "aria-orientation": "vertical", "aria-valuemin": -1, "aria-valuemax": 1,
      });
      node.addEventListener("pointerdown", (/** @type {PointerEvent} */ down) => grab(down, axis, Number(node.dataset.key)));
      node.addEventListener("focus", () => {
        stops[axis] = Number(node.dataset.key);
      });
      node.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => onKey(event, axis, Number(node.dataset.key)));
      return node;
    },
    (node, { span, index }) => {
      const value = span.affect[axis];
      // both handles of a span keep out of each other's way
      const share = axis === "valence" ? 0.4 : 0.6;
      node.style.left = `${Math.round(xOf(span.start + (span.end - span.start) * share))}px`;
      node.style.top = `${Math.round(yOf(value, height))}px`;
      node.tabIndex = index === stop ? 0 : -1;
      node.classList.toggle("silent", span.silence);
      node.setAttribute("aria-valuenow", value.toFixed(2));
      node.setAttribute("aria-valuetext", `${span.silence ? "silence, " : ""}${signed(value)}, ${span.reason || "felt"}`);
      const label = `${axis} from ${timecodeOf(doc, frameAt(span.start, rateOf(doc)))}`;
      if (node.getAttribute("aria-label") !== label) node.setAttribute("aria-label", label);
      node.title = `${axis} ${signed(value)}${span.reason ? `\n${span.reason}` : ""}`;
    },
  );
}

function place() {
  if (store.now.doc) AXES.forEach(handles);
}

function chooseSpan(/** @type {number} */ index) {
  const { doc } = store.now;
  const span = doc.curve.spans[index];
  store.set({ hit: null });
  select(frameAt(span.start, rateOf(doc)), frameAt(span.end, rateOf(doc)));
}

function grab(/** @type {PointerEvent} */ down, /** @type {Axis} */ axis, /** @type {number} */ index) {
  if (down.button) return;
  down.stopPropagation();
  const { top, height } = byId("mood").getBoundingClientRect();
  const gesture = `drag ${axis} ${down.timeStamp}`;
  const offset = yOf(store.now.doc.curve.spans[index].affect[axis], height) - (down.clientY - top);
  chooseSpan(index);
  drag(down, (event) => {
    const value = 1 - (2 * (event.clientY - top + offset - EDGE)) / (height - 2 * EDGE);
    order(index, axis, value, gesture);
  }, () => store.seal());
}

function onKey(/** @type {KeyboardEvent} */ event, /** @type {Axis} */ axis, /** @type {number} */ index) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { spans } = store.now.doc.curve;
  const value = spans[index].affect[axis];
  const change = { ArrowUp: 0.05, ArrowDown: -0.05, PageUp: 0.2, PageDown: -0.2 }[event.key];
  const way = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
  if (change) order(index, axis, value + change, `key ${axis} ${index}`);
  else if (way) {
    stops[axis] = Math.max(0, Math.min(spans.length - 1, index + way));
    chooseSpan(stops[axis]);
    const { start, end } = spans[stops[axis]];
    if (xOf(start) < view.left || xOf(end) > view.left + view.width) byId("scroller").scrollLeft = xOf(start) - 40;
    place();
    byId(`${axis}-handles`).querySelector(`[data-key="${stops[axis]}"]`)?.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Draw the lanes and listen to the handles. */
export function startCurve() {
  lane("mood", ["hit"], draw);
  onMove(place);
  store.follow(["doc"], redraw);
}
