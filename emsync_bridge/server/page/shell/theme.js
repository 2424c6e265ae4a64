/** Light and dark: what the system says, or what the person chose, and the colours for drawing. */

import { byId } from "./dom.js";
import { store } from "../model/state.js";

const KEY = "emsync.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

export const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

/** @type {Record<string, string>} */
let colours = {};

const NAMES = [
  "panel", "ink", "soft", "line", "faint", "accent", "alarm", "good",
  "strings", "piano", "guitar", "bass", "drums", "woodwinds", "brass", "harp", "choir", "synth", "valence", "arousal", "marker", "transition", "wave", "hit", "shot",
];

let scale = 1;

/** Size of text over that of a small window: the stylesheet sets the size of the root. */
export const textScale = () => scale;

const measure = () => {
  scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 13;
};

const FAMILY = "system-ui, 'DejaVu Sans', sans-serif";

/**
 * Give the font of a canvas.
 * @param {number} size Pixels on a small window.
 * @param {string} [style]
 * @param {string} [family]
 */
export const font = (size, style = "", family = FAMILY) => `${style} ${Math.round(size * textScale() * 2) / 2}px ${family}`.trim();

/** Give the colours of the present theme by name, as the stylesheet defines them. */
export const palette = () => colours;

function apply() {
  const chosen = localStorage.getItem(KEY);
  const isDark = chosen ? chosen === "dark" : dark.matches;
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  const style = getComputedStyle(document.documentElement);
  colours = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  const button = byId("theme");
  button.setAttribute("aria-pressed", String(isDark));
  button.title = isDark ? "Light colours" : "Dark colours";
  store.set({ theme: store.now.theme + 1 });
}

/** Follow the system, and the button that overrules it. */
export function startTheme() {
  dark.addEventListener("change", apply);
  byId("theme").addEventListener("click", () => {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    // What the system says anyway need not be remembered.
    if ((next === "dark") === dark.matches) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
    apply();
  });
  window.addEventListener("resize", measure);
  measure();
  apply();
}
