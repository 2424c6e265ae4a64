/** Messages of the page: in the status line, to screen readers, and errors in words. */

import { byId, el } from "./dom.js";

/**
 * Say something briefly; screen readers read it out.
 * @param {string} words
 */
export function say(words) {
  const line = byId("say");
  // The same words twice in a row are read out twice only when the text changes.
  line.textContent = line.textContent === words ? `${words}\u00a0` : words;
}

/**
 * Name the control of an option, as an addition to a hint.
 * @param {string | undefined} setting Name of the option in requests.
 */
function controlOf(setting) {
  const control = setting && /^[a-z_]+$/.test(setting) ? document.querySelector(`[data-setting="${setting}"]`) : null;
  const label = control && document.querySelector(`label[for="${control.id}"]`);
  return label ? ` ('${label.textContent.trim()}' on this page)` : "";
}

/**
 * Offer the sequences of a file.
 * @param {string[]} values Their names.
 * @param {(value: string) => void} choose
 */
function sequenceChoice(values, choose) {
  const list = el("select", { id: "error-choice" }, ...values.map((value) => el("option", { value, text: value })));
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    choose(list.value);
  };
  return el("form", { class: "error-choice", onsubmit: submit },
    el("label", { for: "error-choice", text: "Sequence" }),
    list,
    el("button", { type: "submit", class: "primary", text: "Open" }),
  );
}

/**
 * Show what went wrong: what, where, and what to do next.
 * @param {any} problem
 * @param {(value: string) => void} [choose] Called with the sequence that is chosen, where the problem names several.
 */
export function complain(problem, choose) {
  if (problem?.name === "AbortError") return;
  const said = problem?.what ? problem : { what: `The page has failed: ${problem?.message ?? problem}`, hint: "Load the page again; your edits are kept" };
  const box = byId("errors");
  const card = el(
    "div",
    { class: "error", role: "alert" },
    el("div", { class: "error-words" },
      el("strong", { text: `${said.what}.` }),
      said.where ? el("span", { class: "error-where", text: said.where }) : null,
      said.hint ? el("span", { text: `${said.hint}${controlOf(said.setting)}.` }) : null,
      choose && said.choices?.length ? sequenceChoice(said.choices, choose) : null,
    ),
    el("button", { type: "button", class: "quiet", "aria-label": "Close this message", text: "✕", onclick: () => card.remove() }),
  );
  box.replaceChildren(card);
  card.querySelector("select")?.focus();
}

/** Take errors off the page. */
export const forgive = () => byId("errors").replaceChildren();

/**
 * Run something whose failure is to be shown rather than thrown.
 * @param {() => any} work
 */
export async function trying(work) {
  try {
    return await work();
  } catch (problem) {
    complain(problem);
    return undefined;
  }
}

/**
 * Give seconds as people say them.
 * @param {number} seconds
 */
export function inWords(seconds) {
  if (seconds < 1.5) return "1 s";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const tens = Math.round(seconds / 10) * 10;
  return `${Math.floor(tens / 60)} min ${tens % 60} s`;
}
