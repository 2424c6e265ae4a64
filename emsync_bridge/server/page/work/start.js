/** Ways of a cut onto the page: dropped, chosen, named by its path, or from the list of recent cuts. */

import * as api from "./api.js";
import { byId, el } from "../shell/dom.js";
import { closeCut, readCut, resume } from "./jobs.js";
import { isTimeline, nameOf } from "./records.js";
import { complain, forgive, say, trying } from "../shell/notice.js";
import { store } from "../model/state.js";
import { showDiskUse, sizeWords } from "./disk_use.js";

const GB = 1e9;

/** Endings of files that the bridge takes beside timelines. */
const MEDIA = /\.(avi|m2ts|m4v|mkv|mov|mp4|mpg|mpeg|mts|mxf|ts|webm|wmv|ogv|wav|aif|aiff|flac|mp3|m4a|ogg)$/i;

/** Endings of camera files and stills, which show no cut by themselves. */
const NO_MOVIE = /\.(braw|r3d|crm|ari|arx|cine|nev|png|jpe?g|tiff?|exr|dpx|bmp|heic|psd)$/i;

/** The next step for files that are not taken. */
const adviceOn = (/** @type {string[]} */ names) => (names.some((name) => NO_MOVIE.test(name))
  ? "Camera files and stills are not read. Drop a timeline (OTIO, XML, FCPXML, EDL, AAF), or export the cut as a ProRes, DNxHR or H.264 movie and drop that"
  : "Drop a timeline (OTIO, XML, FCPXML, EDL, AAF), its media, or a movie of it");

/** Bytes that a file may have, as the bridge takes it. */
const largest = (/** @type {string} */ name) => (isTimeline(name) && !/\.otioz$/i.test(name) ? 64e6 : 8 * GB);

/** @typedef {{file: File, name: string}} Given A file, and its name with the folder that it was dropped in. */

/**
 * Give the files of a drop; those of a dropped folder with their places in it.
 * @param {DataTransfer} dropped
 * @returns {Promise<Given[]>}
 */
async function within(dropped) {
  // both must be asked for before the drop is over
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const files = [...dropped.files].map((file) => ({ file, name: file.name }));
  if (!entries.some((entry) => entry?.isDirectory)) return files;
  /** @type {Given[]} */
  const found = [];
  const walk = async (/** @type {any} */ entry, /** @type {string} */ path, /** @type {number} */ depth) => {
    if (entry.isFile) {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      found.push({ file, name: `${path}${entry.name}` });
    } else if (depth < 2) {
      const reader = entry.createReader();
      for (;;) {
        // a reader gives a folder out in parts
        const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
        if (!part.length) break;
        for (const child of part) await walk(child, depth ? `${entry.name}/` : "", depth + 1);
      }
    }
  };
  for (const entry of entries) if (entry) await walk(entry, "", 0);
  return found;
}

/**
 * Hand files over with their progress, one after the other; all or, when cancelled, none more.
 * @param {Given[]} files
 * @param {string | null} beside
 * @returns {Promise<{path: string, id?: string}[]>}
 */
export async function sendAll(files, beside = null) {
  const heavy = files.find(({ file, name }) => file.size > largest(name));
  if (heavy) throw new api.Failure({ what: `${heavy.name} has ${sizeWords(heavy.file.size)}, and the bridge takes up to ${sizeWords(largest(heavy.name))}`, hint: "Enter its path on this computer instead" });
  const controller = new AbortController();
  const taken = [];
  const show = (/** @type {string} */ name, /** @type {number} */ share) =>
    store.set({ job: { kind: "upload", state: "running", request: { source: name }, stop: () => controller.abort(), progress: { step: `Taking in ${name}`, share } } });
  store.set({ busy: true });
  try {
    for (const { file, name } of files) {
      show(name, 0);
      const sent = await api.upload(file, (share) => show(name, share), beside ?? taken[0]?.id ?? null, name, controller.signal);
      taken.push(sent);
    }
  } finally {
    store.set({ busy: false, job: null });
  }
  return taken;
}

/**
 * Take in what was dropped or chosen: a timeline or a movie. One movie beside a timeline is its picture; several are its
 * media, and so are those that an open cut lacks.
 * @param {Given[]} given
 */
async function takeIn(given) {
  if (!given.length) return;
  if (store.now.busy) {
    say("Wait for what is going on, or cancel it");
    return;
  }
  forgive();
  const timeline = given.find(({ name }) => isTimeline(name) && !name.includes("/"));
  const movies = given.filter((each) => each !== timeline && MEDIA.test(each.name));
  const others = given.filter((each) => each !== timeline && !movies.includes(each)).map(({ name }) => name);
  const { root } = store.now;
  try {
    if (!timeline && !movies.length) throw new api.Failure({ what: `Not a timeline or a movie: ${others.slice(0, 5).join(", ")}`, hint: adviceOn(others) });
    const lacked = missingNames();
    const single = movies.length === 1 && !movies[0].name.includes("/") && !lacked.has(movies[0].name.toLowerCase());
    if (timeline) {
      const [{ path, id }] = await sendAll([{ file: timeline.file, name: timeline.file.name }]);
      const sent = single ? await sendAll(movies) : await sendAll(movies, id ?? null);
      await begin(path, single ? sent[0].path : null);
    } else if (root && isTimeline(root.source) && !single) {
      const [{ path }] = await sendAll(movies.map(({ file, name }) => ({ file, name: nameOf(name) })));
      const emotion = root.request.emotion ?? {};
      await readCut({ ...root.request, emotion: { ...emotion, media_roots: [...(emotion.media_roots ?? []), path.slice(0, -nameOf(path).length - 1)] } });
    } else await begin((await sendAll(movies.slice(0, 1).map(({ file }) => ({ file, name: file.name }))))[0].path);
    const left = others.filter((name) => !/(^|\/)\./.test(name)); // hidden files of the system
    if (left.length) complain({ what: `Not taken: ${left.slice(0, 5).join(", ")}${left.length > 5 ? ` and ${left.length - 5} more` : ""}`, hint: adviceOn(left) });
  } catch (problem) {
    if (/** @type {any} */ (problem)?.name === "AbortError") say("Cancelled");
    else complain(problem);
  }
}

/** Names of the media that the open cut lacks, in lower case. @returns {Set<string>} */
function missingNames() {
  const { doc, media } = store.now;
  const lacks = (doc?.spotting.shots ?? []).filter((/** @type {any} */ shot, /** @type {number} */ index) => shot.media && !media[index]);
  return new Set(lacks.map((/** @type {any} */ shot) => nameOf(shot.media).toLowerCase()));
}

/** Say over the picture which media are missing, and what can be done. */
function showMissing(/** @type {any} */ { doc, media, video }) {
  const missing = missingNames();
  const all = new Set((doc?.spotting.shots ?? []).filter((/** @type {any} */ shot) => shot.media).map((/** @type {any} */ shot) => nameOf(shot.media).toLowerCase()));
  byId("missing").hidden = !doc || !missing.size || video || !media.length;
  byId("missing-words").textContent = `${missing.size} of ${all.size} media not found${missing.size === all.size ? ": the mood knows only words and the rhythm of the cuts" : ""}. Drop the media folder here, or`;
}

async function begin(/** @type {string} */ source, /** @type {string | null} */ picture = null) {
  const same = store.now.root;
  // a movie dropped onto a cut that is open is its picture
  if (same && picture === null && !isTimeline(source) && isTimeline(same.source)) {
    const emotion = { ...(same.request.emotion ?? {}), picture: source };
    await readCut({ ...same.request, emotion });
    return;
  }
  closeCut();
  await readCut({ source, emotion: picture ? { picture } : {} });
}

/** Cuts that are listed at first. */
const FEW = 8;

let whole = false;

const whenOf = (/** @type {number} */ seconds) => new Date(seconds * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });

/** A row of the list: a picture of the cut, its name, what there is of it, and when. */
function recentRow(/** @type {any} */ cut) {
  // a cut without media has no picture, and none is asked for
  const picture = cut.pictured === null ? null : el("img", { alt: "", loading: "lazy", src: api.thumbnailUrl(cut.cut ?? cut.job, cut.pictured) });
  picture?.addEventListener("error", () => picture.remove());
  const name = cut.name || cut.file;
  const done = cut.versions ? `${cut.versions} version${cut.versions > 1 ? "s" : ""}` : "no music yet";
  return el("li", {},
    el("button", { type: "button", class: "recent", title: cut.source, onclick: () => resume(cut.job, cut.cut) },
      el("span", { class: "recent-picture" }, picture),
      el("b", { text: name }),
      el("span", { text: `${done}${cut.bytes ? `, ${sizeWords(cut.bytes)}` : ""}${name === cut.file ? "" : `, ${cut.file}`}` }),
      el("time", { text: whenOf(cut.touched) }),
    ),
    el("button", { type: "button", class: "quiet recent-remove", "aria-label": `Remove ${name}`, title: "Remove from the bridge", text: "\u2715", onclick: () => removeCut(cut) }),
  );
}

async function showRecent() {
  if (store.now.doc || store.now.busy) return;
  const cuts = (await trying(() => api.cuts())) ?? [];
  const rows = cuts.slice(0, whole ? cuts.length : FEW).map(recentRow);
  if (cuts.length > FEW && !whole) rows.push(el("li", {}, el("button", { type: "button", class: "recent all", text: `All ${cuts.length} cuts`, onclick: () => { whole = true; showRecent(); } })));
  byId("recent").replaceChildren(...rows);
  byId("recent-box").hidden = !rows.length;
  if (rows.length) await showDiskUse();
}

/** Offer the example where the bridge has it. */
async function offerExample() {
  const { example = null } = (await api.status().catch(() => null)) ?? {};
  const button = byId("example");
  button.hidden = !example;
  button.addEventListener("click", () => begin(example));
}

/** Remove a cut with its music and edits, once the person has agreed. */
async function removeCut(/** @type {any} */ { id, name, file, versions }) {
  const music = versions ? ` with its ${versions} version${versions > 1 ? "s" : ""} of music` : "";
  if (!window.confirm(`Remove ${name || file}${music} and your edits from the bridge? Files in folders of yours stay.`)) return;
  if ((await trying(async () => (await api.removeCut(id)) ?? true))) say(`Removed ${name || file}`);
  showRecent();
}

/** Listen for files; show the beginning as long as there is no cut. */
export function startStart() {
  offerExample();
  const chooser = byId("file");
  byId("choose").addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => {
    takeIn([...chooser.files].map((file) => ({ file, name: file.name })));
    chooser.value = "";
  });
  byId("by-path").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const path = byId("path").value.trim().replace(/^"(.*)"$/, "$1");
    if (path) begin(path);
  });
  let depth = 0;
  const veil = (/** @type {boolean} */ on) => document.body.classList.toggle("dropping", on);
  const holdsFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragenter", (event) => {
    if (!holdsFiles(event)) return;
    depth += 1;
    veil(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (!holdsFiles(event)) return;
    depth = Math.max(0, depth - 1);
    veil(depth > 0);
  });
  document.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth = 0;
    veil(false);
    within(/** @type {DataTransfer} */ (event.dataTransfer)).then(takeIn, complain);
  });
  store.follow(["doc", "media", "video"], showMissing);
  byId("missing-path").addEventListener("click", () => {
    byId("tab-cut").click();
    byId("media-folder").focus();
  });
  byId("missing-close").addEventListener("click", () => {
    byId("missing").hidden = true;
  });
  byId("new").addEventListener("click", () => {
    closeCut();
    byId("choose").focus();
  });
  store.follow(["doc", "job", "busy"], ({ doc, job, busy }) => {
    byId("start").hidden = Boolean(doc);
    byId("work").hidden = !doc;
    byId("reading-name").textContent = busy && job ? `${job.kind === "upload" ? "Taking in" : "Reading"} ${nameOf(job.request.source ?? "")} …` : "";
    byId("new").hidden = !doc;
    if (!doc && !busy) showRecent();
  });
}
