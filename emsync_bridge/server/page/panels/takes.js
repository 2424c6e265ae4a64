/** The list of versions, and the buttons that compare and render them. */

import { able, byId, el, keyed } from "../shell/dom.js";
import { run } from "../work/jobs.js";
import { store } from "../model/state.js";
import { heard, hearLetter, swap } from "../work/versions.js";

function show() {
  const { versions, version, busy } = store.now;
  keyed(
    byId("versions"),
    versions,
    (each) => each.letter,
    (each) => {
      const node = el("button", { type: "button", class: "version", role: "radio" }, el("b", { text: each.letter }), el("span"));
      node.addEventListener("click", () => hearLetter(node.dataset.key));
      return node;
    },
    (node, each) => {
      const chosen = each.letter === version;
      node.setAttribute("aria-checked", String(chosen));
      node.tabIndex = chosen || (!version && each === versions[0]) ? 0 : -1;
      const words = [each.label || `seed ${each.seed}`, each.key].filter(Boolean).join(" · ");
      node.lastChild.textContent = words;
      node.setAttribute("aria-label", `Version ${each.letter}, ${words}${each.audio ? "" : ", not rendered yet"}`);
      node.classList.toggle("silent", !each.audio);
      node.title = each.audio ? "" : "Composed, not rendered yet";
    },
  );
  byId("no-versions").hidden = versions.length > 0;
  able(byId("swap"), versions.length > 1);
  const unheard = heard();
  byId("render-take").hidden = !unheard || Boolean(unheard.audio);
  able(byId("render-take"), !busy);
  byId("render-take").textContent = `Render ${version ?? ""}`;
}

/** Draw the versions and listen to them. */
export function startTakes() {
  store.follow(["versions", "version", "busy"], show);
  byId("swap").addEventListener("click", swap);
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
