/** The list of versions, and the buttons that compare and render them. */

import { able, byId, el, keyed } from "../shell/dom.js";
import { takeKey } from "../work/background_takes.js";
import { run } from "../work/jobs.js";
import { noteOf, setNote } from "../work/version_notes.js";
import { store } from "../model/state.js";
import { heard, hearLetter, swap } from "../work/versions.js";

/** The three bars of a card, by what they are called for people. */
const BARS = /** @type {const} */ ([["hits", "hits"], ["affect", "mood"], ["quality", "likeness"]]);

const percent = (/** @type {number} */ share) => Math.round(Math.max(0, Math.min(1, share)) * 100);

function card(/** @type {any} */ each) {
  const node = el("button", { type: "button", class: "version", role: "radio" },
    el("b"), el("span", { class: "version-name" }), el("span", { class: "version-bars", "aria-hidden": "true" }, ...BARS.map(([, name]) => el("i", { class: name }, el("i")))));
  node.addEventListener("click", () => hearLetter(node.dataset.key));
  return node;
}

function fillCard(/** @type {any} */ node, /** @type {any} */ each) {
  const { versions, version, rendering } = store.now;
  const chosen = each.letter === version;
  const state = each.audio ? "" : rendering === takeKey(each) ? "being rendered" : "not rendered yet";
  const { name, star, note } = noteOf(each);
  node.setAttribute("aria-checked", String(chosen));
  node.tabIndex = chosen || (!version && each === versions[0]) ? 0 : -1;
  const words = [each.label || `seed ${each.seed}`, each.key].filter(Boolean).join(" · ");
  const worth = each.worth ? BARS.map(([part, said]) => `${said} ${percent(each.worth[part])} %`).join(", ") : "";
  node.children[0].textContent = `${each.letter}${star ? " ★" : ""}`;
  node.children[1].textContent = name || each.label || words;
  node.children[2].hidden = !each.worth;
  BARS.forEach(([part], index) => {
    node.children[2].children[index].firstChild.style.transform = `scaleX(${percent(each.worth?.[part] ?? 0) / 100})`;
  });
  node.setAttribute("aria-label", [`Version ${each.letter}`, star ? "starred" : "", name, words, worth, state].filter(Boolean).join(", "));
  node.classList.toggle("silent", !each.audio);
  node.classList.toggle("rendering", state === "being rendered");
  node.title = [name ? `${name}, ${words}` : words, worth, note, state ? `Composed, ${state}` : chosen ? "" : "Click to hear it"].filter(Boolean).join("\n");
}

function show() {
  const { versions, version, busy, rendering } = store.now;
  keyed(byId("versions"), versions, (each) => each.letter, card, fillCard);
  byId("no-versions").hidden = versions.length > 0;
  able(byId("swap"), versions.length > 1);
  const chosen = heard();
  byId("render-take").hidden = !chosen || Boolean(chosen.audio);
  const underway = Boolean(chosen) && rendering === takeKey(chosen);
  able(byId("render-take"), !busy && !underway);
  byId("render-take").textContent = underway ? `Rendering ${version} …` : `Render ${version ?? ""}`;
  byId("version-detail").hidden = !chosen;
  if (!chosen) return;
  const { name, star, note } = noteOf(chosen);
  byId("version-star").setAttribute("aria-pressed", String(star));
  for (const [id, value] of [["version-name", name], ["version-note", note]]) if (document.activeElement !== byId(id)) byId(id).value = value;
}

/** Note something about the version that is heard. */
function note(/** @type {Partial<import("../work/version_notes.js").VersionNote>} */ patch) {
  const chosen = heard();
  if (!chosen) return;
  setNote(chosen, patch);
}

/** Draw the versions and listen to them. */
export function startTakes() {
  store.follow(["versions", "version", "notes", "busy", "rendering"], show);
  byId("swap").addEventListener("click", swap);
  byId("version-star").addEventListener("click", () => note({ star: byId("version-star").getAttribute("aria-pressed") !== "true" }));
  for (const part of ["name", "note"]) byId(`version-${part}`).addEventListener("change", (/** @type {any} */ event) => note({ [part]: event.target.value.trim() }));
  byId("render-take").addEventListener("click", () => {
    const version = heard();
    if (version) run({ kind: "take", job: version.job, take: version.take });
  });
  byId("versions").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const { versions, version } = store.now;
    const index = versions.findIndex((/** @type {any} */ each) => each.letter === version);
    const next = versions[(index + way + versions.length) % versions.length];
    hearLetter(next.letter);
    byId("versions").querySelector(`[data-key="${next.letter}"]`)?.focus();
  });
}
