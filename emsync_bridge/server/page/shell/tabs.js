/** The inspector's tabs, after the ARIA Authoring Practices' tabs pattern with activation by focus. */

import { byId } from "./dom.js";
import { store } from "../model/state.js";

/** Windows in which the mood has a place of its own beside the picture. */
const WIDE = matchMedia("(min-width: 2400px)");

/** Let the tabs be chosen by mouse and by arrow keys. */
export function startTabs() {
  /** @type {HTMLElement[]} */
  const all = [...byId("tabs").querySelectorAll("[role=tab]")];
  const [moodTab] = all;
  const panelOf = (/** @type {HTMLElement} */ tab) => byId(tab.getAttribute("aria-controls") ?? "");
  const shown = () => all.filter((tab) => !tab.hidden);
  const choose = (/** @type {HTMLElement} */ chosen) => {
    for (const tab of shown()) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      panelOf(tab).hidden = tab !== chosen;
    }
    store.set({ panel: chosen.getAttribute("aria-controls") });
  };
  for (const tab of all) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!way) return;
      event.preventDefault();
      const tabs = shown();
      const next = tabs[(tabs.indexOf(tab) + way + tabs.length) % tabs.length];
      choose(next);
      next.focus();
    });
  }
  const place = () => {
    const [panel, wide] = [panelOf(moodTab), WIDE.matches];
    const chosen = all.find((tab) => tab.getAttribute("aria-selected") === "true") ?? moodTab;
    moodTab.hidden = wide;
    moodTab.setAttribute("aria-selected", "false");
    byId("mood-beside").hidden = !wide;
    if (wide) byId("mood-beside").append(panel);
    else byId("tabs").after(panel);
    // outside of the tabs it is a part of the section that it stands in
    for (const [name, value] of [["role", "tabpanel"], ["aria-labelledby", moodTab.id]]) {
      if (wide) panel.removeAttribute(name);
      else panel.setAttribute(name, value);
    }
    panel.hidden = false;
    choose(chosen.hidden ? shown()[0] : chosen);
  };
  WIDE.addEventListener("change", place);
  place();
}
