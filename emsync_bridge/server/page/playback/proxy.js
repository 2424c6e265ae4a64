/** A movie that this browser cannot show, made on the bridge as one that it can, while stills are shown. */

import { leaveProxy, wantProxy } from "../work/api.js";
import { say } from "../shell/notice.js";
import { store } from "../model/state.js";

const ASKED_EVERY = 1500; // ms

const CANNOT = "This browser cannot show this kind of movie, such as ProRes or HEVC: stills of the shots are shown";

/** The job whose movie is waited for. @type {string | null} */
let waiting = null;

/** Wait no more for a movie. */
export function stopWaiting() {
  if (waiting) leaveProxy(waiting);
  waiting = null;
}

/**
 * Have the movie of a job made and tell how far it is.
 * @param {string} id
 * @param {() => void} ready Called once the movie can be shown.
 */
export async function awaitProxy(id, ready) {
  if (waiting === id) return;
  stopWaiting();
  waiting = id;
  say(CANNOT);
  let told = -1;
  while (waiting === id) {
    /** @type {any} */
    const made = await wantProxy(id).catch((problem) => ({ state: "failed", what: problem.what ?? "the bridge does not answer" }));
    if (waiting !== id) return;
    if (made.state === "ready") {
      waiting = null;
      ready();
      say("The movie is shown as a copy that this browser can play");
      return;
    }
    if (made.state === "failed") {
      waiting = null;
      say(`${CANNOT}. No copy could be made: ${made.what}. Export it as H.264 to see it move`);
      return;
    }
    const percent = Math.floor((made.share ?? 0) * 20) * 5;
    if (percent !== told && !store.now.busy) say(`${CANNOT}. A copy that it can show is made: ${percent} %`);
    told = percent;
    await new Promise((resolve) => setTimeout(resolve, ASKED_EVERY));
  }
}

window.addEventListener("pagehide", stopWaiting);
