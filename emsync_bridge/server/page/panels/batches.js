/** Batches on the start page: how far each is, what has failed and what to do about it. */

import { byId, el, keyed } from "../shell/dom.js";
import { inWords, trying } from "../shell/notice.js";
import * as api from "../work/api.js";
import { store } from "../model/state.js";

/** Milliseconds between two looks while a batch runs, and otherwise. */
const OFTEN = 2000;
const SELDOM = 15_000;

/** Failures and names that are listed. */
const FEW = 20;

let timer = 0;

/** @param {any} batch */
function words({ state, jobs, done, failed, left, seconds_left: seconds }) {
  const parts = [`${done} of ${jobs} done`];
  if (failed) parts.push(`${failed} failed`);
  if (state === "running" && left) parts.push(seconds === null ? `${left} left` : `${left} left, about ${inWords(seconds)}`);
  if (state === "stopped") parts.push("stopped; the same line goes on with what is left");
  return parts.join(", ");
}

/** A row of the list, filled by `update`. */
function make(/** @type {any} */ batch) {
  const name = el("b", { text: batch.title, title: batch.folder });
  const bar = el("progress", { "aria-label": `Progress of ${batch.title}` });
  const remove = el("button", { type: "button", class: "quiet", "aria-label": `Remove ${batch.title}`, title: "Remove from this list; files stay", text: "\u2715", onclick: () => trying(async () => { await api.removeBatch(batch.id); look(); }) });
  return el("li", {},
    el("div", { class: "batch-head" }, name, bar, remove),
    el("p", { class: "batch-words" }),
    el("p", { class: "batch-running" }),
    el("details", {}, el("summary"), el("ul")),
  );
}

function update(/** @type {HTMLElement} */ row, /** @type {any} */ batch) {
  const find = (/** @type {string} */ what) => /** @type {any} */ (row.querySelector(what));
  const bar = find("progress");
  bar.max = Math.max(1, batch.jobs);
  bar.value = batch.done + batch.failed;
  find(".batch-words").textContent = words(batch);
  const running = batch.running.slice(0, FEW).join(", ");
  find(".batch-running").textContent = running ? `Now: ${running}` : "";
  const details = find("details");
  details.hidden = !batch.failures.length;
  find("summary").textContent = "What failed, and what to do";
  keyed(find("details > ul"), batch.failures.slice(0, FEW), (/** @type {any} */ each) => each.name, () => el("li"), (node, { name, reason, hint }) => {
    node.textContent = `${name}: ${reason.replace(/\.$/, "")}. ${hint}.`;
  });
  if (batch.failed > FEW) find("summary").textContent = `What failed, and what to do (${FEW} of ${batch.failed}; all are in failed.csv)`;
}

/** Look at the batches and plan the next look. */
async function look() {
  clearTimeout(timer);
  if (store.now.doc || document.hidden) return;
  const batches = await api.batches().catch(() => null);
  if (batches) {
    byId("batches-box").hidden = !batches.length;
    keyed(byId("batches"), batches, (/** @type {any} */ batch) => batch.id, make, update);
  }
  clearTimeout(timer);
  timer = setTimeout(look, (batches ?? []).some((/** @type {any} */ batch) => batch.state === "running") ? OFTEN : SELDOM);
}

/** Show batches as long as the start page is there. */
export function startBatches() {
  document.addEventListener("visibilitychange", look);
  store.follow(["doc"], look);
}
