/** How a cut comes onto the page: dropped, chosen, named by its path, or from the list of what was done before. */

import * as api from "./api.js";
import { byId, el } from "../shell/dom.js";
import { closeCut, isTimeline, nameOf, readCut, resume } from "./jobs.js";
import { complain, forgive, say, trying } from "../shell/notice.js";
import { store } from "../model/state.js";

/** @param {number} share @param {string} name */
function showUpload(share, name) {
  const line = byId("upload");
  line.hidden = share >= 1;
  line.textContent = share >= 1 ? "" : `${name}: ${Math.round(share * 100)} %`;
}

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
 * Take in what was dropped or chosen: a timeline or a movie. One movie beside a timeline is its picture; several are its
 * media.
 * @param {Given[]} given
 */
async function takeIn(given) {
  if (!given.length || store.now.busy) return;
  forgive();
  const timeline = given.find(({ name }) => isTimeline(name) && !name.includes("/"));
  const movies = given.filter((each) => each !== timeline && each.file.type.startsWith("video/"));
  const source = timeline ?? movies[0] ?? given[0];
  const send = (/** @type {Given} */ { file, name }, /** @type {string | null} */ beside = null) =>
    api.upload(file, (share) => showUpload(share, name), beside, name);
  try {
    say(`Taking in ${source.name}`);
    const { path, id } = await send({ file: source.file, name: source.file.name });
    const alone = timeline && movies.length === 1 && !movies[0].name.includes("/");
    const picture = alone ? (await send(movies[0])).path : null;
    if (timeline && !alone && id) for (const movie of movies) await send(movie, id);
    await begin(path, picture);
  } catch (problem) {
    complain(problem);
  } finally {
    showUpload(1, "");
  }
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
  const picture = el("img", { alt: "", loading: "lazy", src: api.thumbnailUrl(cut.cut ?? cut.job, 0) });
  // a cut without media has no picture, which the frame shows by itself
  picture.addEventListener("error", () => picture.remove());
  const name = cut.name || cut.file;
  const done = cut.versions ? `${cut.versions} version${cut.versions > 1 ? "s" : ""}` : "no music yet";
  return el("li", {},
    el("button", { type: "button", class: "recent", title: cut.source, onclick: () => resume(cut.job, cut.cut) },
      el("span", { class: "recent-picture" }, picture),
      el("b", { text: name }),
      el("span", { text: `${done}${name === cut.file ? "" : `, ${cut.file}`}` }),
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
  byId("new").addEventListener("click", () => {
    closeCut();
    byId("choose").focus();
  });
  store.follow(["doc", "job", "busy"], ({ doc, job, busy }) => {
    byId("start").hidden = Boolean(doc);
    byId("work").hidden = !doc;
    byId("reading-name").textContent = busy && job ? `Reading ${nameOf(job.request.source ?? "")} …` : "";
    byId("new").disabled = !doc;
    if (!doc && !busy) showRecent();
  });
}
