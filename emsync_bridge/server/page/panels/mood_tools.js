/** Steps, ramps and palettes for what is selected, and the cue's in and out. */

import { PALETTES } from "./compose.js";
import { moveMood, orderPalette, paletteAt, ramp, STEPS } from "../model/mood_edits.js";
import { spanAt } from "../model/lookup.js";
import { rateOf } from "../model/edits.js";
import { timeOf } from "../model/smpte.js";
import { store } from "../model/state.js";
import { byId, el } from "../shell/dom.js";
import { say } from "../shell/notice.js";
import { stretch } from "./pad.js";

function rampTo(/** @type {string} */ name) {
  const { doc, moods } = store.now;
  const { start, end } = stretch();
  const mood = moods.find((/** @type {any} */ each) => each.name === name);
  if (!mood) return;
  const from = spanAt(doc.curve.spans, timeOf(start + 0.5, rateOf(doc))).affect;
  store.edit("Ramp", ramp(doc, start, end, from, mood, `ramp to ${name}`));
  say(`The mood goes to ${name} over the ${store.now.selection ? "selection" : "shot"}`);
}

/** Fill the controls and listen to them. */
export function startMoodTools() {
  byId("mood-steps").append(
    ...Object.values(STEPS).map((step) =>
      el("button", {
        type: "button", text: step.words,
        onclick: () => {
          const { start, end } = stretch();
          store.edit(step.words, moveMood(store.now.doc, start, end, step, "set by hand"));
          say(step.words);
        },
      }),
    ),
  );
  const to = byId("ramp-to");
  store.follow(["moods"], ({ moods }) => {
    to.replaceChildren(el("option", { value: "", text: "a mood …" }), ...moods.map((/** @type {any} */ each) => el("option", { value: each.name, text: each.name })));
  });
  to.addEventListener("change", () => {
    rampTo(to.value);
    to.value = "";
  });
  const palette = byId("palette");
  palette.append(el("option", { value: "", text: "as elsewhere" }), ...PALETTES.map((name) => el("option", { value: name, text: name })));
  palette.addEventListener("change", () => {
    const { start, end } = stretch();
    store.edit("Who plays here", orderPalette(store.now.doc, start, end, palette.value));
    say(palette.value ? `${palette.value} plays here` : "The same players as elsewhere");
  });
  store.follow(["doc", "selection", "frame"], ({ doc }) => {
    if (doc) palette.value = paletteAt(doc, stretch().start);
  });
}
