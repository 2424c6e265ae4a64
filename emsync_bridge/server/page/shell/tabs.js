/** The inspector's tabs, after the ARIA Authoring Practices' tabs pattern with activation by focus. */

import { byId } from "./dom.js";
import { store } from "../model/state.js";

/** Let the tabs be chosen by mouse and by arrow keys. */
export function startTabs() {
  /** @type {HTMLElement[]} */
  const tabs = [...byId("tabs").querySelectorAll("[role=tab]")];
  const choose = (/** @type {HTMLElement} */ chosen) => {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      byId(tab.getAttribute("aria-controls") ?? "").hidden = tab !== chosen;
    }
    store.set({ panel: chosen.getAttribute("aria-controls") });
  };
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!way) return;
      event.preventDefault();
      const next = tabs[(index + way + tabs.length) % tabs.length];
      choose(next);
      next.focus();
    });
  }
  choose(tabs[0]);
}
