/** Results to take away: files, loudness, warnings, and the way back into an editor. */

import * as api from "./api.js";
import { byId, el, keyed } from "../shell/dom.js";
import { verdict } from "../panels/hit_table.js";
import { forget } from "./jobs.js";
import { nameOf } from "./records.js";
import { sizeWords } from "./disk_use.js";
import { complain, say } from "../shell/notice.js";
import { store } from "../model/state.js";
import { heard } from "./versions.js";

const EDITORS_EVERY = 5000; // ms between looks for editors that wait
const OUTCOME_EVERY = 700;
const OUTCOME_PATIENCE = 120_000;

/** Kinds of files in the order in which people look for them. */
const KINDS = [
  ["timeline", "Timeline with the music"],
  ["otio", "Timeline as OTIO"],
  ["timeline for Premiere", "Timeline for Premiere"],
  ["audio", "Music, 48 kHz 24 bit"],
  ["movie", "Movie with the music"],
  ["alternate no-percussion", "Mix without percussion"],
  ["alternate no-melody", "Mix without melody"],
  ["alternate underscore", "Mix without melody and percussion"],
  ["audio under speech", "Music lowered under speech"],
  ["duck curve", "Levels under speech as CSV"],
  ["midi", "MIDI with tempo map"],
  ["plain midi", "MIDI as notated"],
  ["bwf", "Music with time stamp"],
  ["timecode", "Timecode as sound (LTC)"],
  ["music only", "Timeline of the music alone"],
  ["marker list", "Markers as CSV"],
  ["marker EDL", "Markers as EDL"],
  ["changes", "Changes of the cut as CSV"],
  ["change EDL", "Changes of the cut as EDL"],
  ["cue", "Cue as JSON"],
  ["picture", "Chart of the score"],
  ["license", "Licence of the music"],
  ["human part", "What a person decided"],
];

const STEMS = KINDS.findIndex(([kind]) => kind === "midi") - 0.5; // between sound and MIDI

/** @param {Record<string, string>} files */
function listed(files) {
  const rank = (/** @type {string} */ kind) => {
    const at = KINDS.findIndex(([known]) => known === kind);
    return at >= 0 ? at : kind.startsWith("stem ") ? STEMS : KINDS.length;
  };
  return Object.keys(files).sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** @param {string} kind */
const titleOf = (kind) => KINDS.find(([known]) => known === kind)?.[1] ?? (kind.startsWith("stem ") ? `Stem: ${kind.slice(5)}` : kind);

const decibels = (/** @type {number} */ value) => `${value < 0 ? "\u2212" : ""}${Math.abs(value).toFixed(1)}`;

/** The record whose files belong to the version that is heard. @returns {Promise<any>} */
async function recordHeard() {
  const version = heard();
  return version ? api.job(version.sound ?? version.job) : null;
}

async function showFiles() {
  const version = store.now.version;
  const record = await recordHeard().catch(() => null);
  if (version !== store.now.version) return;
  byId("no-files").hidden = Boolean(record);
  byId("files-of").textContent = record ? `Version ${version}` : "";
  keyed(
    byId("files"),
    record ? listed(record.files) : [],
    (kind) => `${record.id} ${kind}`,
    (kind) => el("li", {}, el("a", { href: api.fileUrl(record.id, kind), download: nameOf(record.files[kind]) }, el("b", { text: titleOf(kind) }), el("span", {}))),
    (node, kind) => {
      const size = record.sizes?.[kind];
      node.firstChild.lastChild.textContent = `${nameOf(record.files[kind])}${size ? `, ${sizeWords(size).replace(" ", "\u00a0")}` : ""}`;
    },
  );
  byId("archive").hidden = !record;
  if (record) byId("archive").href = api.archiveUrl(record.id);
  byId("folder").textContent = record?.result?.out ?? "";
  byId("folder-line").hidden = !record?.result?.out;
  store.set({ loudness: record?.result?.loudness ?? null });
}

function showLoudness(/** @type {any} */ { loudness, measured }) {
  const parts = [];
  if (loudness?.integrated_lufs != null) parts.push(`${decibels(loudness.integrated_lufs)} LUFS integrated`);
  else if (measured?.rms) parts.push(`${decibels(20 * Math.log10(measured.rms))} dBFS RMS`);
  const peak = loudness?.peak_dbfs ?? (measured?.peak ? 20 * Math.log10(measured.peak) : null);
  if (peak !== null) parts.push(`peak ${decibels(peak)} dBFS`);
  byId("loudness").textContent = parts.join(" · ");
}

function showFacts() {
  const { doc, music, root } = store.now;
  byId("cut-name").textContent = doc?.spotting.name ?? "";
  byId("cut-name").title = root?.source ?? "";
  document.title = doc ? `${doc.spotting.name} · emsync` : "emsync";
  if (!doc) {
    for (const id of ["facts", "verdict"]) byId(id).textContent = "";
    return;
  }
  const { rate, drop_frame: drop, shots } = doc.spotting;
  const [num, den = 1] = rate.split("/").map(Number);
  const facts = [`${Number((num / den).toPrecision(5))} fps${drop ? " drop frame" : ""}`, `${shots.length} shots`];
  if (music) {
    const tempos = music.tempo.map((/** @type {any} */ each) => each[1]);
    const [low, high] = [Math.min(...tempos), Math.max(...tempos)].map(Math.round);
    facts.push(music.key, low === high ? `${low} bpm` : `${low}–${high} bpm`, `${music.notes.length} notes`);
  }
  byId("facts").textContent = facts.filter(Boolean).join("  ·  ");
  const { words, sentence, good } = verdict();
  byId("verdict").textContent = words;
  byId("verdict").title = sentence;
  byId("verdict").dataset.state = music ? (good ? "good" : "bad") : "";
}

function showWarnings(/** @type {any} */ { warnings }) {
  byId("warnings").replaceChildren(...(warnings ?? []).map((/** @type {string} */ text) => el("li", { text })));
  byId("warnings-box").hidden = !warnings?.length;
  byId("warnings-count").textContent = warnings?.length ? String(warnings.length) : "";
}

async function lookForEditors() {
  if (document.hidden || !store.now.versions.length) return;
  const editors = await api.editors().catch(() => []);
  const box = byId("editors");
  keyed(
    box,
    editors,
    (/** @type {any} */ each) => each.id,
    (/** @type {any} */ each) => el("button", { type: "button", class: "primary", onclick: () => placeIn(each) }),
    (node, /** @type {any} */ each) => {
      node.textContent = `Place in ${each.name === "resolve" ? "DaVinci Resolve" : each.name}: ${each.timeline || each.project}`;
    },
  );
  byId("no-editors").hidden = editors.length > 0;
}

async function placeIn(/** @type {any} */ editor) {
  const version = heard();
  if (!version?.sound) {
    say("Render this version first");
    return;
  }
  try {
    const { order } = await api.order(editor.id, version.sound);
    say("Placing …");
    const patience = Date.now() + OUTCOME_PATIENCE;
    for (;;) {
      const outcome = await api.orderOutcome(editor.id, order);
      if (outcome.state === "failed") throw new api.Failure({ what: outcome.message.replace(/\.$/, "") || "The editor could not place it", where: editor.timeline || editor.project });
      if (outcome.state === "placed") {
        say(outcome.message || "Placed");
        if (store.now.version === version.letter) byId("placed").textContent = outcome.message || "Placed";
        return;
      }
      if (Date.now() > patience) throw new api.Failure({ what: "The editor has not answered yet", where: editor.timeline, hint: "See the script's console in the editor" });
      await new Promise((resolve) => setTimeout(resolve, OUTCOME_EVERY));
    }
  } catch (problem) {
    byId("placed").textContent = "";
    say("Not placed");
    complain(problem);
  }
}

/** Remove what is heard, with the files that were written for it. */
async function removeVersion() {
  const version = heard();
  if (!version || store.now.busy) return;
  const job = version.sound ?? version.job;
  const letters = store.now.versions.filter((/** @type {any} */ each) => each.job === job).map((/** @type {any} */ each) => each.letter);
  // a take that was rendered by a job of its own stays as notes
  const what = letters.length ? letters.join(", ") : `the sound of ${version.letter}`;
  if (!window.confirm(`Remove ${what} with the files written for it? Files that you have changed since stay.`)) return;
  try {
    await api.removeJob(job);
    say(`Removed ${what}`);
    await forget(job);
  } catch (problem) {
    complain(problem);
  }
}

/** Show results and keep an eye out for editors. */
export function startResults() {
  store.follow(["version", "versions"], showFiles);
  // it was said of the version that was heard
  store.follow(["version"], () => { byId("placed").textContent = ""; });
  store.follow(["loudness", "measured"], showLoudness);
  store.follow(["doc", "music", "root"], showFacts);
  store.follow(["warnings"], showWarnings);
  store.follow(["versions"], lookForEditors);
  setInterval(lookForEditors, EDITORS_EVERY);
  byId("remove-version").addEventListener("click", removeVersion);
  byId("copy-folder").addEventListener("click", async () => {
    await navigator.clipboard.writeText(byId("folder").textContent).then(() => say("Copied"), complain);
  });
}
