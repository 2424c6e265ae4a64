/** Disk space that the bridge takes up, said on the start page and beside the files of a version. */

import * as api from "./api.js";
import { store } from "../model/state.js";
import { byId } from "../shell/dom.js";

/**
 * Give a number of bytes in words.
 * @param {number} bytes
 */
export function sizeWords(bytes) {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  const [size, unit] = bytes < 1e9 ? [bytes / 1e6, "MB"] : [bytes / 1e9, "GB"];
  return `${size < 10 ? Math.round(size * 10) / 10 : Math.round(size)} ${unit}`;
}

/** Say how much all cuts take up, and how much they may. */
export async function showDiskUse() {
  const use = await api.disk().catch(() => null);
  byId("disk-use").hidden = !use;
  if (!use) return;
  byId("disk-use").textContent = `The bridge uses ${sizeWords(use.total)} of this disk; ${sizeWords(use.free)} are free. So that the disk does not fill up, it keeps at most ${sizeWords(use.max_uploads)} of dropped files and ${sizeWords(use.max_results)} of music.`;
}

/** Say how much the open cut takes up, and which versions stay. */
async function showCutUse() {
  const { root, versions } = store.now;
  byId("cut-use").hidden = !versions.length;
  if (!root || !versions.length) return;
  const [rows, use] = await Promise.all([api.cutsOf(root.source), api.disk()]).catch(() => [[], null]);
  const row = rows.find((/** @type {any} */ { id }) => id === root.cut);
  if (!row || !use || store.now.root !== root) return;
  byId("cut-use").textContent = `This cut takes up ${sizeWords(row.bytes)}. Of its versions the latest ${use.max_versions} are kept, and all with a star, a name, a note or a place in an editor.`;
}

/** Keep both up to date. */
export function startDiskUse() {
  store.follow(["versions"], showCutUse);
}
