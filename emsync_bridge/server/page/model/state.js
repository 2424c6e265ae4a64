/** State of the page: one store, whose document keeps a history to undo. */

/**
 * @typedef {import("./smpte.js").Rate} Rate
 * @typedef {{time: number, frame: number, kind: string, weight: number, name: string, answered: boolean,
 *   span: [number, number] | null}} Hit
 * @typedef {{start: number, end: number, media: string | null, source_start: number | null, source_end: number | null,
 *   name: string}} Shot
 * @typedef {{name: string, duration: number, rate: string, drop_frame: boolean, start_frame: number, hits: Hit[],
 *   shots: Shot[], directives: {start: number, end: number | null, text: string}[], warnings: string[]}} Spotting
 * @typedef {{start: number, end: number, affect: {valence: number, arousal: number}, sigma: [number, number],
 *   confidence: number, ekman: Record<string, number> | null, reason: string, silence: boolean,
 *   ordered?: [boolean, boolean]}} Span
 * @typedef {{palette?: string, ensemble: string[], bpm: number | null, meter: string, key: string, max_bend: number, smooth_tempo: boolean,
 *   takes: number, seed: number, stems: boolean}} Ask
 * @typedef {{kind: "removed" | "changed" | "added" | "mood" | "order added" | "order removed", start: number,
 *   end: number | null, hit?: Hit, text?: string, mood?: {valence: number, arousal: number, silence: boolean,
 *   reason: string}}} Edit An edit of a person; frames are those of the timeline.
 * @typedef {{spotting: Spotting, curve: {spans: Span[]}, ask: Ask, cut?: string, aside?: Edit[]}} Doc A cut, or the part
 *   of it that is read; `aside` holds edits outside of it.
 * @typedef {{job: string, take: number, letter: string, label: string, key: string, seed: number, audio: string | null}}
 *   Version
 */

const KEPT = 200;

/** The store. `set` tells everyone who follows one of the changed names. */
export class Store {
  /** @param {Record<string, any>} initial */
  constructor(initial) {
    /** @type {Record<string, any>} */
    this.now = { ...initial };
    /** @type {{names: string[], tell: (now: any) => void}[]} */
    this.followers = [];
    /** @type {{doc: Doc, label: string}[]} */
    this.past = [];
    /** @type {{doc: Doc, label: string}[]} */
    this.future = [];
    /** @type {string | null} */
    this.gesture = null;
  }

  /**
   * Change some of what is known.
   * @param {Record<string, any>} patch
   */
  set(patch) {
    const changed = Object.keys(patch).filter((name) => patch[name] !== this.now[name]);
    if (!changed.length) return;
    Object.assign(this.now, patch);
    for (const { names, tell } of this.followers) {
      if (names.some((name) => changed.includes(name))) tell(this.now);
    }
  }

  /**
   * Call back when one of the names changes, and once now.
   * @param {string[]} names
   * @param {(now: any) => void} tell
   */
  follow(names, tell) {
    this.followers.push({ names, tell });
    tell(this.now);
  }

  /**
   * Begin a document: there is nothing to undo yet.
   * @param {Doc | null} doc
   */
  open(doc) {
    this.past = [];
    this.future = [];
    this.gesture = null;
    this.set({ doc, history: {} });
  }

  /**
   * Change the document in a way that can be undone.
   * @param {string} label What was done, for people.
   * @param {Doc} doc The document after it.
   * @param {string | null} [gesture] Edits in a row with the same name count as one.
   */
  edit(label, doc, gesture = null) {
    if (doc === this.now.doc) return;
    if (!(gesture && gesture === this.gesture && this.past.length)) {
      this.past.push({ doc: this.now.doc, label });
      if (this.past.length > KEPT) this.past.shift();
    }
    this.gesture = gesture;
    this.future = [];
    this.set({ doc, history: {} });
  }

  /** End a gesture: the next edit is one of its own. */
  seal() {
    this.gesture = null;
  }

  /** @returns {string | null} What was undone. */
  undo() {
    return this.#move(this.past, this.future);
  }

  /** @returns {string | null} What was done again. */
  redo() {
    return this.#move(this.future, this.past);
  }

  /** @param {{doc: Doc, label: string}[]} from @param {{doc: Doc, label: string}[]} to */
  #move(from, to) {
    const step = from.pop();
    if (!step) return null;
    to.push({ doc: this.now.doc, label: step.label });
    this.gesture = null;
    this.set({ doc: step.doc, history: {} });
    return step.label;
  }
}

/** @type {Ask} */
export const FIRST_ASK = {
  palette: "",
  ensemble: ["piano", "strings"],
  bpm: null,
  meter: "",
  key: "",
  max_bend: 0.06,
  smooth_tempo: false,
  takes: 1,
  seed: 1,
  stems: true,
};

export const store = new Store({
  doc: null,
  history: null, // changes with every step of the document's history
  root: null, // {source, name, request}: what further requests are built upon
  job: null, // the record that is followed or shown
  busy: false, // from the asking for a job until what came of it is on the page
  place: null, // id of the job that answers for shots and picture
  media: [], // whether the file behind each shot can be had
  playable: false, // whether those files can be asked for
  video: false, // whether there is a movie of the whole
  warnings: [],
  panel: null, // which of the details shows
  measured: null, // {peak, rms} of the sound that is heard
  loudness: null, // {integrated_lufs, peak_dbfs} as the daemon measured it
  versions: [],
  notes: {}, // what a person has noted of versions, by letter
  version: null, // letter of the one that is heard
  music: null, // the take's document of the version that is heard
  frame: 0,
  playing: false,
  rendering: null, // the take that is rendered in the background, as `takeKey` names it
  loop: false, // whether playing goes round in the selection
  mix: { music: { level: 0, on: true }, original: { level: 0, on: true }, duck: true, equal: true },
  stems: [], // of the version that is heard: {name, kind, job, family, mute, solo}
  signals: { flash: false, click: false }, // at hit points
  rate: 1,
  selection: null, // {start, end} in frames
  hit: null, // index of the selected hit
  moods: [],
  theme: 0, // counts changes of the colours
});
