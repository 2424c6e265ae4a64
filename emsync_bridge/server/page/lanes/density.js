/** Lanes at a distance: how many cuts or hit points fall on each few pixels, where single ones have no room. */

/** Pixels of a column. */
export const COLUMN = 3;

/**
 * Count times in columns of a window.
 * @param {ArrayLike<number>} times Sorted, in seconds.
 * @param {number} first Place of the first that shows.
 * @param {number} last Place after the last that shows.
 * @param {number} left Pixels that are scrolled out.
 * @param {number} scale Pixels per second.
 * @param {number} width Pixels.
 */
export function columns(times, first, last, left, scale, width) {
  const counts = new Uint16Array(Math.ceil(width / COLUMN) + 1);
  for (let i = first; i < last; i++) {
    const at = Math.floor((times[i] * scale - left) / COLUMN);
    if (at >= 0 && at < counts.length) counts[at] += 1;
  }
  return counts;
}
