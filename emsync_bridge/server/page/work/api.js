/** The daemon's protocol, version 1, as functions. */

/** What went wrong, in the daemon's words. */
export class Failure extends Error {
  /** @param {{what: string, where?: string, hint?: string, setting?: string}} said @param {number} [status] */
  constructor({ what, where = "", hint = "", setting = "" }, status = 0) {
    super(what);
    this.what = what;
    this.where = where;
    this.hint = hint;
    this.setting = setting;
    this.status = status;
  }
}

const AWAY = {
  what: "The bridge does not answer",
  hint: "Start it again with: emsync serve --open",
};

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
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (problem) {
    if (signal?.aborted) throw problem;
    throw new Failure(AWAY);
  }
  if (answer.status === 204) return null;
  const said = await answer.json().catch(() => null);
  if (answer.ok) return said;
  throw new Failure(said?.error ?? { what: `The bridge answers with ${answer.status}`, where: path }, answer.status);
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
export const editors = () => ask("GET", "/v1/editors");
export const order = (/** @type {string} */ editor, /** @type {string} */ place) =>
  ask("POST", `/v1/editors/${editor}/orders`, { place });
export const orderOutcome = (/** @type {string} */ editor, /** @type {number} */ number) =>
  ask("GET", `/v1/editors/${editor}/orders/${number}`);

export const fileUrl = (/** @type {string} */ id, /** @type {string} */ kind) =>
  `/v1/jobs/${id}/files/${encodeURIComponent(kind)}`;
export const thumbnailUrl = (/** @type {string} */ id, /** @type {number} */ shot, width = 160) =>
  `/v1/jobs/${id}/shots/${shot}/thumbnail?width=${width}`;
export const mediaUrl = (/** @type {string} */ id, /** @type {number} */ shot) => `/v1/jobs/${id}/shots/${shot}/media`;
export const videoUrl = (/** @type {string} */ id) => `/v1/jobs/${id}/video`;

/**
 * Hand a file over.
 * @param {File} file
 * @param {(share: number) => void} tell
 * @param {string | null} [beside] Id of an earlier upload to lie beside.
 * @param {string} [name] With at most one folder before it.
 * @returns {Promise<{path: string, id?: string}>}
 */
export function upload(file, tell, beside = null, name = file.name) {
  // XMLHttpRequest, because fetch does not tell how much has been sent
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    const query = new URLSearchParams({ name, ...(beside ? { beside } : {}) });
    sending.open("POST", `/v1/uploads?${query}`);
    sending.responseType = "json";
    sending.upload.onprogress = (event) => event.lengthComputable && tell(event.loaded / event.total);
    sending.onload = () => {
      if (sending.status < 300) resolve(sending.response);
      else reject(new Failure(sending.response?.error ?? { what: "The file was not taken", where: name }, sending.status));
    };
    sending.onerror = () => reject(new Failure(AWAY));
    sending.send(file);
  });
}

/**
 * Follow a job until it ends; the connection is taken up again where it breaks.
 * @param {string} id
 * @param {(progress: {step: string, share: number, seconds_left: number | null}) => void} tell
 * @returns {{ended: Promise<any>, stop: () => void}} The record at the end.
 */
export function follow(id, tell) {
  const source = new EventSource(`/v1/jobs/${id}/events`);
  const ended = new Promise((resolve, reject) => {
    source.addEventListener("progress", (event) => tell(JSON.parse(event.data)));
    for (const name of ["done", "failed", "cancelled"]) {
      source.addEventListener(name, (event) => {
        source.close();
        resolve(JSON.parse(event.data));
      });
    }
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return;
      // The browser has given up: the daemon refused, or is gone.
      job(id).then((record) => (record.ended ? resolve(record) : reject(new Failure(AWAY))), reject);
    });
  });
  return { ended, stop: () => source.close() };
}
