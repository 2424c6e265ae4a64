/** The waveform of the version that is heard, drawn by wavesurfer.js. */

import WaveSurfer from "../vendor/wavesurfer.esm.js";
import { byId } from "../shell/dom.js";
import { hitLines } from "./hits.js";
import { store } from "../model/state.js";
import { palette } from "../shell/theme.js";
import { lane, onMove, view } from "./view.js";

/**
 * @typedef {{peaks: Float32Array, duration: number, peak: number, rms: number}} Heard
 */

/** Music that stays below this is drawn as soft as it is against other versions. */
const LOW = 0.5;

/** @type {Map<string, Heard | null>} */
const known = new Map();
/** @type {any} */
let drawer = null;
/** @type {string | null} */
let drawn = null;
let scale = 0;

const worker = new Worker(new URL("./peaks_worker.js", import.meta.url), { type: "module" });

/**
 * Make the drawer.
 *
 * The library writes its style into the element that it makes, which the page's Content-Security-Policy refuses to apply
 * once that is in the page; so it is made outside the page, and its style handed over as the policy permits.
 */
function makeDrawer() {
  const holder = document.createElement("div");
  const made = WaveSurfer.create({
    container: holder,
    height: "auto",
    cursorWidth: 0,
    interact: false,
    autoScroll: false,
    autoCenter: false,
    hideScrollbar: true,
    fillParent: false,
    normalize: true,
    waveColor: palette().wave,
    progressColor: palette().wave,
  });
  const root = /** @type {any} */ (made).getWrapper().getRootNode();
  const style = root.querySelector("style");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${style?.textContent ?? ""} :host { height: 100%; }`);
  style?.remove();
  root.adoptedStyleSheets = [sheet];
  byId("wave").append(holder);
  holder.className = "wave-holder";
  return made;
}

function show() {
  const { version, versions } = store.now;
  const url = versions.find((/** @type {any} */ each) => each.letter === version)?.audio ?? null;
  const heard = url === null ? null : known.get(url);
  byId("wave").hidden = !heard;
  store.set({ measured: heard ? { peak: heard.peak, rms: heard.rms } : null });
  if (url !== null && heard === undefined) {
    worker.postMessage({ url });
    return;
  }
  if (!heard || url === drawn) return;
  drawn = url;
  drawer ??= makeDrawer();
  scale = view.scale;
  drawer.setOptions({ minPxPerSec: view.scale, maxPeak: Math.max(LOW, heard.peak) });
  drawer.load("", [heard.peaks], heard.duration);
}

function place() {
  if (!drawer || drawn === null || !store.now.doc) return;
  if (scale !== view.scale) {
    scale = view.scale;
    drawer.setOptions({ minPxPerSec: view.scale });
  }
  drawer.setScroll(view.left);
}

/** Follow the version that is heard. */
export function startWaveform() {
  worker.onmessage = ({ data: { url, found } }) => {
    known.set(url, found);
    show();
  };
  store.follow(["version", "versions"], show);
  lane("wave-lines", ["hit"], (context, _width, height) => hitLines(context, height));
  onMove(place);
  store.follow(["theme"], () => drawer?.setOptions({ waveColor: palette().wave, progressColor: palette().wave }));
}
