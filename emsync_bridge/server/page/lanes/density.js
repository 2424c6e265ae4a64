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

/** Columns on both sides over which counts are spread, so that the eye finds the pace and not a hatching. */
const SPREAD = 4;

/**
 * Draw counts as an area whose height is the pace.
 * @param {CanvasRenderingContext2D} context
 * @param {Uint16Array} counts
 * @param {number} height Pixels.
 */
export function area(context, counts, height) {
  const paces = Float64Array.from(counts, (_, at) => {
    let total = 0;
    let weight = 0;
    for (let near = Math.max(0, at - SPREAD); near <= Math.min(counts.length - 1, at + SPREAD); near++) {
      const share = SPREAD + 1 - Math.abs(near - at);
      total += counts[near] * share;
      weight += share;
    }
    return total / weight;
  });
  const most = paces.reduce((a, b) => Math.max(a, b), 1e-9);
  context.beginPath();
  context.moveTo(0, height);
  paces.forEach((pace, at) => context.lineTo((at + 0.5) * COLUMN, height - (pace / most) * (height - 3)));
  context.lineTo(counts.length * COLUMN, height);
  context.fill();
}
