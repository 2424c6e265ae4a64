/** Options of the music, and the buttons that have it composed. */

import { able, byId, el } from "../shell/dom.js";
import { alike, spelt } from "../model/ask.js";
import { askFor, rateOf } from "../model/edits.js";
import { compose, readCut, redo } from "../work/jobs.js";
import { say } from "../shell/notice.js";
import { timecodeOf } from "../model/cut_timecode.js";
import { FIRST_ASK, store } from "../model/state.js";
import { heard, hearLetter } from "../work/versions.js";
import { timeOf } from "../model/smpte.js";

/** Palettes as the composer names them. */
export const PALETTES = ["orchestra", "chamber", "strings", "piano", "band", "synth", "hybrid", "minimal"];

/** Value of the choice of instrument groups that a program has made. */
const GROUPS = "groups";

const METERS = ["2/4", "3/4", "4/4", "5/4", "6/8", "7/8"];

const TONICS = ["C", "C#", "Db", "D", "Eb", "E", "F", "F#", "Gb", "G", "G#", "Ab", "A", "Bb", "B"];

/** Keys with at most six accidentals, as the composer names them. */
const KEYS = ["major", "minor"].flatMap((mode) => {
  const none = mode === "major" ? ["C#", "G#"] : ["Db", "Gb", "Ab"];
  return TONICS.filter((tonic) => !none.includes(tonic)).map((tonic) => `${tonic} ${mode}`);
});

const drawSeed = () => Math.floor(Math.random() * 1e6);

/** @param {string} label @param {Partial<import("../model/state.js").Ask>} patch @param {string | null} [gesture] */
const setOption = (label, patch, gesture = null) => store.edit(label, askFor(store.now.doc, patch), gesture);

function fill() {
  byId("players").append(el("option", { value: "", text: "by the mood" }), ...PALETTES.map((name) => el("option", { value: name, text: name })));
  byId("meter").append(el("option", { value: "", text: "usual (4/4)" }), ...METERS.map((text) => el("option", { value: text, text })));
  byId("key").append(
    el("option", { value: "", text: "any" }),
    ...KEYS.map((key) => el("option", { value: key, text: spelt(key) })),
  );
}

/** Show who plays; instrument groups that a program has chosen stay a choice as long as they hold. */
function showPlayers(/** @type {import("../model/state.js").Ask} */ { palette, ensemble }) {
  const select = byId("players");
  const chosen = !palette && !alike([...ensemble].sort(), [...FIRST_ASK.ensemble].sort());
  select.querySelector(`[value=${GROUPS}]`)?.remove();
  if (chosen) select.append(el("option", { value: GROUPS, text: ensemble.join(", ") }));
  select.value = chosen ? GROUPS : (palette ?? "");
}

function show() {
  const { doc, busy, selection, versions, version } = store.now;
  byId("ask").inert = !doc;
  const ask = doc?.ask ?? FIRST_ASK;
  showPlayers(ask);
  const set = (/** @type {string} */ id, /** @type {any} */ value) => {
    if (document.activeElement !== byId(id)) byId(id).value = value ?? "";
  };
  set("tempo", ask.bpm);
  set("meter", ask.meter);
  set("key", ask.key);
  set("bend", Math.round(ask.max_bend * 1000) / 10);
  set("takes", ask.takes);
  set("seed", ask.seed);
  byId("stems").checked = ask.stems;
  byId("smooth").checked = ask.smooth_tempo;
  able(byId("compose"), !busy && Boolean(doc));
  able(byId("another-take"), !busy && Boolean(doc));
  const found = version && versions.find((/** @type {any} */ each) => each.letter === version);
  able(byId("redo-section"), !busy && Boolean(selection && found?.audio));
  byId("redo-hint").textContent = !found
    ? ""
    : selection
      ? `${timecodeOf(doc, selection.start)} to ${timecodeOf(doc, selection.end)}`
      : "Select a shot, or press I and O";
}

/** True once the person has set the seed after the last music. */
let seedSet = false;

/** The version that was composed for just what is set now, whatever the number of takes. */
function already() {
  const { doc, versions } = store.now;
  const sameAsk = (/** @type {any} */ ask) => alike({ ...ask, takes: null }, { ...doc.ask, takes: null });
  return versions.find((/** @type {any} */ each) => each.kind === "score" && sameAsk(each.ask) && alike(each.spotting, doc.spotting) && alike(each.curve, doc.curve));
}

/** Compose for what is set, with the same seed; where that music is there already, another take of it. */
async function composeNow() {
  const { doc, busy } = store.now;
  if (!doc || busy) return;
  const same = already();
  const asked = seedSet;
  seedSet = false;
  if (!same) await compose();
  else if (asked) {
    await hearLetter(same.letter);
    say(`Version ${same.letter} is the music for this seed and these settings`);
  } else {
    await anotherTake();
    if (store.now.job?.state === "done") say(`Nothing had changed since version ${same.letter}, so this is another take`);
  }
}

/** Compose for the same settings with another seed. */
async function anotherTake() {
  const { doc, busy } = store.now;
  if (!doc || busy) return;
  seedSet = false;
  setOption("Seed", { seed: drawSeed() });
  await compose();
}

/** Windows in which the further settings stand beside the others. */
const ROOMY = matchMedia("(min-width: 1700px) and (min-height: 900px)");

/** Close the further settings where the person goes on elsewhere; where there is room, they are always open. */
function startMore() {
  const more = byId("more");
  const place = () => {
    more.hidden = ROOMY.matches;
    byId("more-fields").classList.toggle("pop", !ROOMY.matches);
    (ROOMY.matches ? byId("more-beside") : more).append(byId("more-fields"));
  };
  ROOMY.addEventListener("change", place);
  place();
  document.addEventListener("pointerdown", (event) => {
    if (more.open && !more.contains(/** @type {Node} */ (event.target))) more.open = false;
  });
  more.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || !more.open) return;
    event.stopPropagation();
    more.open = false;
    more.querySelector("summary").focus();
  });
}

function number(/** @type {string} */ id, /** @type {(value: number | null) => Partial<import("../model/state.js").Ask>} */ patch, /** @type {string} */ label) {
  byId(id).addEventListener("change", (/** @type {any} */ event) => {
    const field = event.target;
    const value = field.value === "" ? null : Number(field.value);
    if (!field.checkValidity()) {
      say(`${label} must be from ${field.min} to ${field.max}`);
      field.reportValidity();
      return;
    }
    setOption(label, patch(value));
  });
}

/** Read the cut again with what is set in its details. */
function readAgain(/** @type {SubmitEvent} */ event) {
  event.preventDefault();
  const { request } = store.now.root;
  const emotion = request.emotion ?? {};
  const roots = byId("media-folder").value.trim();
  readCut({
    ...request,
    read: { ...(request.read ?? {}), min_gap: Number(byId("min-gap").value), only_markers: byId("only-markers").checked },
    emotion: {
      ...emotion,
      contrast: byId("contrast").checked,
      media_roots: roots ? [roots] : emotion.media_roots ?? [],
      picture: byId("movie-path").value.trim() || null,
    },
  });
}

function showReading(/** @type {any} */ { root }) {
  if (!root) return;
  const { read = {}, emotion = {} } = root.request;
  byId("min-gap").value = read.min_gap ?? 4;
  byId("only-markers").checked = read.only_markers ?? false;
  byId("contrast").checked = emotion.contrast ?? false;
  byId("media-folder").value = emotion.media_roots?.[0] ?? "";
  byId("movie-path").value = emotion.picture ?? "";
}

/** Compose the selected section again; the rest stays. */
export function redoSection() {
  const { doc, selection } = store.now;
  const version = heard();
  if (!selection || !version?.audio) {
    say("Select a section of a rendered version first");
    return;
  }
  const rate = rateOf(doc);
  const [start, end] = [timeOf(selection.start, rate), timeOf(selection.end, rate)];
  const seed = drawSeed();
  redo({ job: version.sound, start, end, seed }, version.ask);
}

/** Fill the form and listen to it. */
export function startCompose() {
  fill();
  store.follow(["doc", "busy", "selection", "versions", "version"], show);
  store.follow(["root"], showReading);
  byId("players").addEventListener("change", (/** @type {any} */ event) => setOption("Who plays", { palette: event.target.value, ensemble: FIRST_ASK.ensemble }));
  number("tempo", (bpm) => ({ bpm }), "Tempo");
  number("bend", (percent) => ({ max_bend: (percent ?? 6) / 100 }), "Tempo may drift");
  number("takes", (takes) => ({ takes: takes ?? 1 }), "Takes");
  number("seed", (seed) => {
    seedSet = true;
    return { seed: seed ?? 1 };
  }, "Seed");
  byId("meter").addEventListener("change", (/** @type {any} */ event) => setOption("Meter", { meter: event.target.value }));
  byId("key").addEventListener("change", (/** @type {any} */ event) => setOption("Key", { key: event.target.value }));
  byId("stems").addEventListener("change", (/** @type {any} */ event) => setOption("Stems", { stems: event.target.checked }));
  byId("smooth").addEventListener("change", (/** @type {any} */ event) => setOption("Tempo", { smooth_tempo: event.target.checked }));
  byId("dice").addEventListener("click", () => {
    seedSet = true;
    setOption("Seed", { seed: drawSeed() });
  });
  byId("another-take").addEventListener("click", anotherTake);
  startMore();
  byId("ask").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    composeNow();
  });
  byId("redo-section").addEventListener("click", redoSection);
  byId("reading").addEventListener("submit", readAgain);
}
