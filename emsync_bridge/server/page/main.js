/** The page: starts its parts and takes up where the address says. */

import { moods } from "./api.js";
import { startCompose } from "./compose.js";
import { startCurve } from "./curve.js";
import { startHitTable } from "./hit_table.js";
import { startHits } from "./hits.js";
import { resumeFromAddress, startJobs } from "./jobs.js";
import { startKeyboard } from "./keyboard.js";
import { startLimits } from "./limits.js";
import { complain, trying } from "./notice.js";
import { startPad } from "./pad.js";
import { startPicture } from "./picture.js";
import { startResults } from "./results.js";
import { startRoll } from "./roll.js";
import { startRuler } from "./ruler.js";
import { startShots } from "./shots.js";
import { startStart } from "./start.js";
import { store } from "./state.js";
import { startTabs } from "./tabs.js";
import { startTakes } from "./takes.js";
import { startTheme } from "./theme.js";
import { startTransport } from "./transport.js";
import { startView } from "./view.js";
import { startWaveform } from "./waveform.js";

window.addEventListener("error", (event) => complain(event.error ?? event.message));
window.addEventListener("unhandledrejection", (event) => complain(event.reason));

const parts = [
  startTheme, startPicture, startTransport, startView, startRuler, startShots, startHits, startCurve, startPad, startRoll, startWaveform,
  startTakes, startCompose, startHitTable, startResults, startTabs, startKeyboard, startJobs, startStart, startLimits,
];
for (const start of parts) start();
trying(async () => store.set({ moods: await moods() }));
resumeFromAddress();
