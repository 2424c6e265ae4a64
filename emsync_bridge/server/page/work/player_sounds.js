/** Sounds of single players: rendered by the bridge when a person first wants to hear one, a family at a time. */

import * as api from "./api.js";
import { complain, forgive, say } from "../shell/notice.js";
import { store } from "../model/state.js";
import { gather, heard } from "./versions.js";

/** Families of the version that is heard with players that can be parted. @returns {Record<string, string[]>} */
export const partable = () => Object.fromEntries(Object.entries(store.now.music?.players ?? {}).filter(([, players]) => players.length > 1));

/** Have the players of a family rendered, and show them. */
export async function partFamily(/** @type {string} */ family) {
  const version = heard();
  if (store.now.busy || !version?.sound) {
    say("Wait for what is going on, or cancel it");
    return;
  }
  forgive();
  const request = { kind: "players", job: version.sound, family };
  store.set({ busy: true, job: { kind: request.kind, state: "queued", request } });
  say(`Rendering the ${family} one by one …`);
  try {
    const record = await api.startJob(request);
    store.set({ job: record });
    const last = await api.follow(record.id, (progress) => store.set({ job: { ...record, state: "running", progress } })).ended;
    store.set({ job: last });
    if (last.state === "failed") throw new api.Failure(last.error);
    if (last.state === "done") await gather(last);
    say(last.state === "done" ? `Solo or mute each of the ${family}` : "Cancelled");
  } catch (problem) {
    say("It failed");
    complain(problem);
  } finally {
    store.set({ busy: false });
  }
}
