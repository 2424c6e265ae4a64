/** The valence-arousal pad with its named moods: orders a mood for what is selected. */

import { byId, drag, el } from "../shell/dom.js";
import { orderMood, rateOf } from "../model/edits.js";
import { signed } from "../lanes/curve.js";
import { say } from "../shell/notice.js";
import { timecodeOf } from "../model/cut_timecode.js";
import { framesOfShot, shotAt, spanAt } from "../model/lookup.js";
import { store } from "../model/state.js";
import { timeOf } from "../model/smpte.js";

/** Width of a character of a mood's name in per cent of the pad. */
const CHARACTER = 2.9;

/** @typedef {{start: number, end: number}} Stretch */

/** Stretch that a mood is set for: the selection, else the shot under the playhead. @returns {Stretch} */
export function stretch() {
  const { doc, selection, frame } = store.now;
  return selection ?? framesOfShot(doc, shotAt(doc, frame));
}

/** The span that the pad shows: the first of the stretch. */
function spanShown() {
  const { doc } = store.now;
  const rate = rateOf(doc);
  const { start } = stretch();
  return spanAt(doc.curve.spans, timeOf(start + 0.5, rate));
}

/**
 * Order a mood for the stretch.
 * @param {{valence?: number, arousal?: number, silence?: boolean, reason?: string}} mood
 * @param {string | null} [gesture]
 */
export function setMood(mood, gesture = null) {
  const { doc } = store.now;
  const { start, end } = stretch();
  store.edit(mood.silence ? "Order silence" : "Set mood", orderMood(doc, start, end, mood), gesture);
}

function nearest(/** @type {{valence: number, arousal: number}} */ affect) {
  let best = null;
  let least = 0.09;
  for (const mood of store.now.moods) {
    const far = Math.hypot(mood.valence - affect.valence, mood.arousal - affect.arousal);
    if (far < least) [best, least] = [mood, far];
  }
  return best;
}

function show() {
  const { doc, frame, selection } = store.now;
  byId("mood-panel").inert = !doc;
  if (!doc) return;
  const span = spanShown();
  const { valence, arousal } = span.affect;
  const { start, end } = stretch();
  const at = shotAt(doc, selection ? start : frame);
  const shot = framesOfShot(doc, at);
  const whole = !selection || (shot.start === start && shot.end === end);
  byId("pad-where").textContent = whole ? doc.spotting.shots[at]?.name || `Shot ${at + 1}` : "Selection";
  byId("pad-why").textContent = `${timecodeOf(doc, start)} to ${timecodeOf(doc, end)}, ${span.silence ? "silence" : span.reason || "felt"}`;
  const thumb = byId("pad-thumb");
  thumb.style.left = `${((valence + 1) / 2) * 100}%`;
  thumb.style.top = `${((1 - arousal) / 2) * 100}%`;
  thumb.classList.toggle("silent", span.silence);
  const halo = byId("pad-halo");
  halo.style.left = thumb.style.left;
  halo.style.top = thumb.style.top;
  halo.style.width = `${span.sigma[0] * 100}%`;
  halo.style.height = `${span.sigma[1] * 100}%`;
  for (const [axis, value] of [["valence", valence], ["arousal", arousal]]) {
    byId(`pad-${axis}`).value = String(value);
    byId(`pad-${axis}`).setAttribute("aria-valuetext", signed(value));
    byId(`pad-${axis}-value`).textContent = signed(value);
  }
  byId("pad-mood").value = nearest(span.affect)?.name ?? "";
  byId("pad-silence").checked = span.silence;
}

function fillMoods(/** @type {{name: string, valence: number, arousal: number}[]} */ moods) {
  byId("pad-mood").replaceChildren(
    el("option", { value: "", text: "custom" }),
    ...moods.map(({ name }) => el("option", { value: name, text: name })),
  );
  /** @type {{left: number, right: number, y: number, high: number}[]} */
  const taken = moods.map(({ valence, arousal }) => {
    const [x, y] = [((valence + 1) / 2) * 100, ((1 - arousal) / 2) * 100];
    return { left: x - 1, right: x + 1, y, high: 3 };
  });
  const dots = moods.map(({ name, valence, arousal }, index) => {
    const [x, y] = [((valence + 1) / 2) * 100, ((1 - arousal) / 2) * 100];
    const wide = 3 + CHARACTER * name.length;
    const leftward = x + wide > 98;
    const box = { left: leftward ? x - wide : x + 2, right: leftward ? x - 2 : x + wide, y, high: 5 };
    // a name is written where no other and no dot is in its way; the others show theirs when pointed at
    const free = taken.every((other, i) => i === index || Math.abs(other.y - y) > other.high || other.right < box.left || other.left > box.right);
    if (free) taken.push(box);
    const dot = el("span", { class: `pad-mood${free ? "" : " crowded"}${leftward ? " leftward" : ""}`, title: name }, el("span", { text: name }));
    dot.style.left = `${x}%`;
    dot.style.top = `${y}%`;
    return dot;
  });
  byId("pad-moods").replaceChildren(...dots);
}

/** Draw the pad and listen to it. */
export function startPad() {
  store.follow(["moods"], ({ moods }) => fillMoods(moods));
  store.follow(["doc", "selection", "moods"], show);
  let shot = -1;
  store.follow(["frame"], ({ doc, frame, selection }) => {
    if (!doc || selection || shotAt(doc, frame) === shot) return;
    shot = shotAt(doc, frame);
    show();
  });
  const pad = byId("pad");
  const at = (/** @type {PointerEvent} */ event) => {
    const { left, top, width, height } = pad.getBoundingClientRect();
    return { valence: ((event.clientX - left) / width) * 2 - 1, arousal: 1 - ((event.clientY - top) / height) * 2, silence: false };
  };
  pad.addEventListener("pointerdown", (/** @type {PointerEvent} */ down) => {
    if (down.button || !store.now.doc) return;
    const gesture = `pad ${down.timeStamp}`;
    const named = /** @type {Element} */ (down.target).closest(".pad-mood");
    const mood = named && store.now.moods.find((/** @type {any} */ each) => each.name === named.textContent);
    if (mood) setMood({ valence: mood.valence, arousal: mood.arousal, silence: false, reason: mood.name }, gesture);
    else setMood(at(down), gesture);
    drag(down, (event) => (mood && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < 4) || setMood(at(event), gesture), () => {
      store.seal();
      const { valence, arousal } = spanShown().affect;
      say(`Valence ${signed(valence)}, arousal ${signed(arousal)}`);
    });
  });
  for (const axis of ["valence", "arousal"]) {
    byId(`pad-${axis}`).addEventListener("input", (/** @type {any} */ event) => setMood({ [axis]: Number(event.target.value), silence: false }, `slide ${axis}`));
    byId(`pad-${axis}`).addEventListener("change", () => store.seal());
  }
  byId("pad-mood").addEventListener("change", (/** @type {any} */ event) => {
    const mood = store.now.moods.find((/** @type {any} */ each) => each.name === event.target.value);
    if (mood) setMood({ valence: mood.valence, arousal: mood.arousal, silence: false, reason: mood.name });
  });
  byId("pad-silence").addEventListener("change", (/** @type {any} */ event) => setMood({ silence: event.target.checked, reason: event.target.checked ? "silence" : "set by hand" }));
}
