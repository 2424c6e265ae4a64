/** Movies that this browser cannot show, made on the bridge as ones that it can, while stills are shown. */

import { leaveProxy, wantProxy } from "../work/api.js";
import { say } from "../shell/notice.js";
import { store } from "../model/state.js";

const ASKED_EVERY = 1500; // ms

const CANNOT = "This browser cannot show this kind of movie, such as ProRes or HEVC: stills of the shots are shown";

/** The movie that is waited for. @type {{id: string, shot: number | null} | null} */
let waiting = null;

/** Wait no more for a movie. */
export function stopWaiting() {
  if (waiting) leaveProxy(waiting.id, waiting.shot);
  waiting = null;
}

/**
 * Have a movie made and tell how far it is.
 * @param {string} id The job that shows it.
 * @param {number | null} shot Shot whose file it is; null for the movie of the whole cut.
 * @returns {Promise<boolean | null>} True once it can be shown, false where it cannot be made, null where it is not
 *   waited for any more.
 */
export async function awaitProxy(id, shot = null) {
  stopWaiting();
  const wanted = { id, shot };
  waiting = wanted;
  say(CANNOT);
  let told = -1;
  while (waiting === wanted) {
    /** @type {any} */
    const made = await wantProxy(id, shot).catch((problem) => ({ state: "failed", what: problem.what ?? "the bridge does not answer" }));
    if (waiting !== wanted) return null;
    if (made.state === "ready") {
      waiting = null;
      say(shot === null ? "The movie is shown as a copy that this browser can play" : `The file of shot ${shot + 1} is shown as a copy that this browser can play`);
      return true;
    }
    if (made.state === "failed") {
      waiting = null;
      say(`${CANNOT}. No copy could be made: ${made.what}. Export it as H.264 to see it move`);
      return false;
    }
    const percent = Math.floor((made.share ?? 0) * 20) * 5;
    if (percent !== told && !store.now.busy) say(`${CANNOT}. A copy that it can show is made: ${percent} %`);
    told = percent;
    await new Promise((resolve) => setTimeout(resolve, ASKED_EVERY));
  }
  return null;
}

window.addEventListener("pagehide", stopWaiting);
