/** The daemon's protocol, version 1, as functions. */

/** Failure in the daemon's words. */
export class Failure extends Error {
  /** @param {{what: string, where?: string, hint?: string, setting?: string, choices?: string[]}} said @param {number} [status] */
  constructor({ what, where = "", hint = "", setting = "", choices = [] }, status = 0) {
    super(what);
    this.what = what;
    this.where = where;
    this.hint = hint;
    this.setting = setting;
    this.choices = choices;
    this.status = status;
  }
}

const AWAY = {
  what: "The bridge does not answer",
  hint: "Start it again with: emsync serve --open",
};

const UNKNOWN = {
  what: "The bridge does not know this tab",
  hint: "Open the page with: emsync serve --open, or from the editor's menu",
};

/** Milliseconds between signs of life; links to media work for 15 minutes after the last one. */
const SIGN_OF_LIFE = 240_000;

const secret = sessionStorage.getItem("emsync.secret") ?? "";
const pass = encodeURIComponent(sessionStorage.getItem("emsync.pass") ?? "");
const admission = { Authorization: `Bearer ${secret}` };

/** @param {any} said @param {number} status @param {string} where */
function failure(said, status, where) {
  if (status === 401) return new Failure(UNKNOWN, status);
  return new Failure(said?.error ?? { what: `The bridge answers with ${status}`, where }, status);
}

/**
 * Ask the daemon.
 * @param {string} method
 * @param {string} path
 * @param {any} [body]
 * @param {AbortSignal} [signal]
 */
export async function ask(method, path, body, signal) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      signal,
      headers: body === undefined ? admission : { ...admission, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (problem) {
    if (signal?.aborted) throw problem;
    throw new Failure(AWAY);
  }
  if (answer.status === 204) return null;
  const said = await answer.json().catch(() => null);
  if (answer.ok) return said;
  throw failure(said, answer.status, path);
}

export const status = () => ask("GET", "/v1/status");
export const options = () => ask("GET", "/v1/options");
export const moods = () => ask("GET", "/v1/moods");
export const startJob = (/** @type {any} */ request) => ask("POST", "/v1/jobs", request);
export const job = (/** @type {string} */ id) => ask("GET", `/v1/jobs/${id}`);
export const jobs = (limit = 100) => ask("GET", `/v1/jobs?limit=${limit}`);
export const cancelJob = (/** @type {string} */ id) => ask("POST", `/v1/jobs/${id}/cancel`);
export const removeJob = (/** @type {string} */ id) => ask("DELETE", `/v1/jobs/${id}`);
export const take = (/** @type {string} */ id, /** @type {number} */ index) => ask("GET", `/v1/jobs/${id}/takes/${index}`);
export const cuts = () => ask("GET", "/v1/cuts");
export const cutsOf = (/** @type {string} */ source) => ask("GET", `/v1/cuts?${new URLSearchParams({ source })}`);
export const jobsOf = (/** @type {string} */ cut) => ask("GET", `/v1/cuts/${cut}/jobs`);
export const notes = (/** @type {string} */ cut) => ask("GET", `/v1/cuts/${cut}/notes`);
export const keepNote = (/** @type {string} */ cut, /** @type {string} */ letter, /** @type {any} */ note) => ask("PUT", `/v1/cuts/${cut}/notes/${letter}`, note);
export const disk = () => ask("GET", "/v1/disk");
export const removeCut = (/** @type {string} */ cut) => ask("DELETE", `/v1/cuts/${cut}`);
export const draft = (/** @type {string} */ cut) => ask("GET", `/v1/cuts/${cut}/edits`);
export const keepDraft = (/** @type {string} */ cut, /** @type {any} */ edits) => ask("PUT", `/v1/cuts/${cut}/edits`, edits);
export const batches = () => ask("GET", "/v1/batches");
export const removeBatch = (/** @type {string} */ batch) => ask("DELETE", `/v1/batches/${batch}`);
export const editors = () => ask("GET", "/v1/editors");
export const order = (/** @type {string} */ editor, /** @type {string} */ place) =>
  ask("POST", `/v1/editors/${editor}/orders`, { place });
export const orderOutcome = (/** @type {string} */ editor, /** @type {number} */ number) =>
  ask("GET", `/v1/editors/${editor}/orders/${number}`);

// Elements of the page cannot send a header: their links carry the tab's pass, which opens nothing but media.
export const fileUrl = (/** @type {string} */ id, /** @type {string} */ kind) =>
  `/v1/jobs/${id}/files/${encodeURIComponent(kind)}?pass=${pass}`;
export const thumbnailUrl = (/** @type {string} */ id, /** @type {number} */ shot, width = 160) =>
  `/v1/jobs/${id}/shots/${shot}/thumbnail?width=${width}&pass=${pass}`;
export const mediaUrl = (/** @type {string} */ id, /** @type {number} */ shot) =>
  `/v1/jobs/${id}/shots/${shot}/media?pass=${pass}`;
export const archiveUrl = (/** @type {string} */ id) => `/v1/jobs/${id}/archive?pass=${pass}`;
const ofShot = (/** @type {number | null} */ shot) => (shot === null ? "" : `shot=${shot}`);
export const wantProxy = (/** @type {string} */ id, /** @type {number | null} */ shot) => ask("POST", `/v1/jobs/${id}/proxy?${ofShot(shot)}`);
/** Say that a proxy is not waited for any more; also while the page is being left. */
export const leaveProxy = (/** @type {string} */ id, /** @type {number | null} */ shot) => fetch(`/v1/jobs/${id}/proxy?${ofShot(shot)}`, { method: "DELETE", headers: admission, keepalive: true }).catch(() => null);
export const proxyUrl = (/** @type {string} */ id, /** @type {number | null} */ shot = null) => `/v1/jobs/${id}/proxy?pass=${pass}&${ofShot(shot)}`;
export const videoUrl = (/** @type {string} */ id) => `/v1/jobs/${id}/video?pass=${pass}`;

if (secret) {
  const live = () => status().catch(() => null);
  // the bridge ends when nobody has asked for so long
  live().then((said) => setInterval(live, Math.min(SIGN_OF_LIFE, ((said?.idle_minutes ?? 30) * 60_000) / 3)));
  document.addEventListener("visibilitychange", () => document.hidden || live());
}

/**
 * Hand a file over.
 * @param {File} file
 * @param {(share: number) => void} tell
 * @param {string | null} [beside] Id of an earlier upload to lie beside.
 * @param {string} [name] With at most one folder before it.
 * @param {AbortSignal} [signal]
 * @returns {Promise<{path: string, id?: string}>}
 */
export function upload(file, tell, beside = null, name = file.name, signal) {
  // XMLHttpRequest, because fetch does not tell how much has been sent
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    const query = new URLSearchParams({ name, ...(beside ? { beside } : {}) });
    sending.open("POST", `/v1/uploads?${query}`);
    sending.setRequestHeader("Authorization", admission.Authorization);
    sending.responseType = "json";
    sending.upload.onprogress = (event) => event.lengthComputable && tell(event.loaded / event.total);
    sending.onload = () => {
      if (sending.status < 300) resolve(sending.response);
      else reject(failure(sending.response, sending.status, name));
    };
    sending.onerror = () => reject(new Failure({ what: "The upload broke off", where: name, hint: "The disk may be full, or the bridge may have ended: emsync serve --open starts it again" }));
    sending.onabort = () => reject(new DOMException("Cancelled", "AbortError"));
    signal?.addEventListener("abort", () => sending.abort());
    sending.send(file);
  });
}

/**
 * Give the events of a stream, one after the other; as server-sent events in the HTML standard, section 9.2.
 * @param {ReadableStream<Uint8Array>} body
 */
async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (held + value).split("\n\n");
    held = blocks.pop() ?? "";
    for (const block of blocks) {
      const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      if (name) yield { name, data: JSON.parse(data) };
    }
  }
}

const ENDINGS = ["done", "failed", "cancelled"];
const ATTEMPTS = 5;
const PAUSE = 1000;

/**
 * Follow a job until it ends; the connection is taken up again where it breaks.
 *
 * An EventSource would do, but it sends no header.
 * @param {string} id
 * @param {(progress: {step: string, share: number, seconds_left: number | null}) => void} tell
 * @returns {{ended: Promise<any>, stop: () => void}} The record at the end.
 */
export function follow(id, tell) {
  const leaving = new AbortController();
  const listen = async () => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt) await new Promise((resolve) => setTimeout(resolve, PAUSE));
      try {
        const answer = await fetch(`/v1/jobs/${id}/events`, { headers: admission, signal: leaving.signal });
        if (!answer.ok || !answer.body) throw failure(await answer.json().catch(() => null), answer.status, id);
        for await (const { name, data } of eventsOf(answer.body)) {
          attempt = 0;
          if (name === "progress") tell(data);
          else if (ENDINGS.includes(name)) return data;
        }
      } catch (problem) {
        if (leaving.signal.aborted) return new Promise(() => {});
        if (problem instanceof Failure) throw problem;
      }
    }
    throw new Failure(AWAY);
  };
  return { ended: listen(), stop: () => leaving.abort() };
}
