/** Conform: the version that is heard, carried over to a changed cut, and what became of it. */

import { store } from "../model/state.js";
import { able, byId } from "../shell/dom.js";
import { complain, say } from "../shell/notice.js";
import { conformCut } from "../work/jobs.js";
import { isTimeline } from "../work/records.js";
import { sendAll } from "../work/start.js";
import { heard } from "../work/versions.js";

const STATES = ["kept", "moved", "re-fitted", "new", "lost"];
const LONGEST = 200; // changes that are listed

/** Carry the version that is heard over to the cut in a file, and open that cut. */
async function conformTo(/** @type {File} */ file) {
  const version = heard();
  if (!version?.sound || store.now.busy) return;
  if (!isTimeline(file.name)) {
    say("Choose a timeline: OTIO, XML, FCPXML, EDL or AAF");
    return;
  }
  try {
    const { emotion = {}, read = {} } = store.now.root.request;
    const { picture: _, ...felt } = emotion; // the movie shows the old cut
    const { between: __, ...readAs } = read;
    const [{ path }] = await sendAll([{ file, name: file.name }]);
    await conformCut({ kind: "conform", job: version.sound, source: path, emotion: felt, read: readAs });
  } catch (problem) {
    complain(problem);
  }
}

/** Show what a conform kept, and the changes of the picture. */
function show(/** @type {any} */ { job, busy }) {
  able(byId("conform"), !busy && Boolean(heard()?.sound));
  const found = job?.result?.conform;
  if (!found && job?.kind !== "feel") return; // stays while takes of the cut are made
  const kept = byId("conform-kept");
  kept.hidden = !found;
  byId("conform-changes").replaceChildren();
  if (!found) return;
  const { seconds, of_seconds: whole } = found.identical;
  const hits = STATES.map((state) => [found.hits.filter((/** @type {any} */ hit) => hit.state === state).length, state]).filter(([count]) => count);
  const slower = found.refitted.notes ? ` ${found.refitted.seconds.toFixed(1)} s more have the same notes at another tempo.` : "";
  kept.textContent = `${seconds.toFixed(1)} of ${whole.toFixed(1)} s are as before.${slower} Hits: ${hits.map(([count, state]) => `${count} ${state}`).join(", ") || "none"}.`;
  const changes = found.changes.filter((/** @type {any} */ { change }) => change !== "unchanged" && change !== "shifted");
  for (const { change, clip, old, new: fresh } of changes.slice(0, LONGEST)) {
    const line = document.createElement("li");
    line.textContent = `${change}: ${clip || "unnamed"} at ${(fresh ?? old)[0].toFixed(2)} s of the ${fresh ? "new" : "old"} cut`;
    byId("conform-changes").append(line);
  }
}

/** Listen to the button and its file. */
export function startConform() {
  byId("conform").addEventListener("click", () => byId("conform-file").click());
  byId("conform-file").addEventListener("change", () => {
    const [file] = byId("conform-file").files;
    byId("conform-file").value = "";
    if (file) conformTo(file);
  });
  store.follow(["job", "busy", "versions", "version"], show);
}
