/** Progress of the job that is followed, and the button that stops it. */

import * as api from "./api.js";
import { able, byId } from "../shell/dom.js";
import { complain, inWords } from "../shell/notice.js";
import { store } from "../model/state.js";

/** @type {Record<string, string>} */
const DOING = {
  spot: "Reading the cut", feel: "Reading the cut", score: "Composing", redo: "Composing a section", conform: "Conforming the music", take: "Rendering the take", players: "Rendering single players", live: "Playing",
};

/** Say what a kind of job does. */
export const doing = (/** @type {string} */ kind) => DOING[kind];

function showProgress(/** @type {any} */ { job, busy }) {
  const { step = "", share = 0, seconds_left: left = null } = job?.progress ?? {};
  const bar = byId("progress");
  byId("progress-area").classList.toggle("busy", busy);
  able(byId("cancel"), busy && Boolean(job?.id || job?.stop) && !job.ended);
  document.body.classList.toggle("working", busy);
  if (!busy) {
    bar.removeAttribute("aria-valuenow");
    return;
  }
  const waiting = !job || job.state === "queued";
  const words = waiting ? "Waiting" : step || doing(job.kind);
  byId("progress-fill").style.transform = `scaleX(${share})`;
  byId("progress-step").textContent = words;
  byId("progress-left").textContent = left === null || waiting ? "" : `${inWords(left)} left`;
  // no number before the bridge has taken the job in
  if (job?.id) bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  bar.setAttribute("aria-valuetext", `${words}, ${Math.round(share * 100)} %`);
}

/** Show progress and cancel. */
export function startProgressBar() {
  store.follow(["job", "busy"], showProgress);
  byId("cancel").addEventListener("click", async () => {
    const { job, busy } = store.now;
    if (busy && job?.stop) job.stop();
    if (!busy || !job?.id) return;
    try {
      await api.cancelJob(job.id);
    } catch (problem) {
      complain(problem);
    }
  });
}
