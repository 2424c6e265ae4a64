/** The page: starts its parts and takes up where the address says. */

import { moods } from "./work/api.js";
import { startCompose } from "./panels/compose.js";
import { startCurve } from "./lanes/curve.js";
import { startHitTable } from "./panels/hit_table.js";
import { startHits } from "./lanes/hits.js";
import { resumeFromAddress, startJobs } from "./work/jobs.js";
import { startGuide } from "./shell/guide.js";
import { startKeyboard } from "./shell/keyboard.js";
import { startDrafts } from "./work/drafts.js";
import { startLimits } from "./work/limits.js";
import { startProgressBar } from "./work/progress_bar.js";
import { complain, trying } from "./shell/notice.js";
import { startDiskUse } from "./work/disk_use.js";
import { startBatches } from "./panels/batches.js";
import { startConform } from "./panels/conform.js";
import { startCueRange } from "./panels/cue_range.js";
import { startMoodTools } from "./panels/mood_tools.js";
import { startMix } from "./panels/mix.js";
import { startPad } from "./panels/pad.js";
import { startSignals } from "./playback/hit_signals.js";
import { startMixer } from "./playback/mixer.js";
import { startPicture } from "./playback/picture.js";
import { startResults } from "./work/results.js";
import { startRoll } from "./lanes/roll.js";
import { startRuler } from "./lanes/ruler.js";
import { startShots } from "./lanes/shots.js";
import { startStart } from "./work/start.js";
import { store } from "./model/state.js";
import { startTabs } from "./shell/tabs.js";
import { startBackgroundTakes } from "./work/background_takes.js";
import { startTakes } from "./panels/takes.js";
import { startTheme } from "./shell/theme.js";
import { startStems } from "./playback/stems.js";
import { startTempo } from "./lanes/tempo.js";
import { startTransport } from "./playback/transport.js";
import { startView } from "./lanes/view.js";
import { startWaveform } from "./lanes/waveform.js";

window.addEventListener("error", (event) => complain(event.error ?? event.message));
window.addEventListener("unhandledrejection", (event) => complain(event.reason));

const parts = [
  startTheme, startMixer, startPicture, startTransport, startView, startRuler, startShots, startHits, startCurve, startPad, startMoodTools, startCueRange, startConform, startTempo, startRoll, startWaveform,
  startStems, startMix, startSignals, startTakes, startBackgroundTakes, startCompose, startHitTable, startResults, startTabs, startGuide, startKeyboard, startJobs, startProgressBar, startDrafts, startStart, startBatches, startLimits, startDiskUse,
];
for (const start of parts) start();
trying(async () => store.set({ moods: await moods() }));
resumeFromAddress();
