/** Timecode of the open cut: frames counted from its start to labels and back. */

import { framesOf, rateOf } from "./edits.js";
import { fromTimecode, toTimecode } from "./smpte.js";

/**
 * Give the timecode of a frame counted from the cut's start.
 * @param {Pick<import("./state.js").Doc, "spotting">} doc
 * @param {number} frame
 */
export const timecodeOf = (doc, frame) =>
  toTimecode(frame + doc.spotting.start_frame, rateOf(doc), doc.spotting.drop_frame);

/**
 * Give the frame of a timecode, counted from the cut's start; null where it names none of the cut's.
 * @param {import("./state.js").Doc} doc
 * @param {string} text
 */
export function frameOfTimecode(doc, text) {
  const named = fromTimecode(text, rateOf(doc), doc.spotting.drop_frame);
  const frame = named === null ? null : named - doc.spotting.start_frame;
  return frame === null || frame < 0 || frame > framesOf(doc) ? null : frame;
}
