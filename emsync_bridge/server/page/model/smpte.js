/**
 * Timecode to frame numbers and back, exactly, for every frame rate that editors use.
 *
 * The counting is that of SMPTE ST 12-1 and gives the answers of emsync_bridge/timecode.py, with which it shares tests.
 */

/**
 * Frames per second as an exact fraction in lowest terms.
 * @typedef {{num: number, den: number}} Rate
 */

const TIMECODE = /^\s*(\d{1,2})([:;.,])(\d{2})([:;.,])(\d{2})([:;.,])(\d{2,3})\s*$/;

/** @param {number} a @param {number} b */
const gcd = (a, b) => {
  while (b) [a, b] = [b, a % b];
  return a;
};

/** @param {number} a @param {number} b */
const modulo = (a, b) => ((a % b) + b) % b;

/**
 * Read an exact rate as documents hold it.
 * @param {string} text Such as `24` or `24000/1001`.
 * @returns {Rate}
 */
export function parseRate(text) {
  const [num, den = 1] = String(text).split("/").map(Number);
  if (!(Number.isInteger(num) && Number.isInteger(den) && num > 0 && den > 0)) throw new RangeError(`No rate: ${text}`);
  const common = gcd(num, den);
  return { num: num / common, den: den / common };
}

/**
 * Whole frames that a second of timecode counts.
 * @param {Rate} rate
 */
export const framesPerCount = (rate) => Math.ceil(rate.num / rate.den);

/**
 * Tell whether drop-frame timecode exists for a rate: multiples of 30000/1001.
 * @param {Rate} rate
 */
export const canDrop = (rate) => (rate.num * 1001) % (rate.den * 30000) === 0;

/**
 * Give the timecode of a frame, with `;` before the frames in drop frame.
 * @param {number} frame Counted from 00:00:00:00; timecode starts again after 24 hours.
 * @param {Rate} rate
 * @param {boolean} [dropFrame]
 */
export function toTimecode(frame, rate, dropFrame = false) {
  const base = framesPerCount(rate);
  const drops = dropFrame && canDrop(rate);
  let label;
  if (drops) {
    const perMinute = Math.floor(base / 15);
    const minute = 60 * base - perMinute;
    const tenMinutes = 600 * base - 9 * perMinute;
    const inDay = modulo(frame, 144 * tenMinutes);
    const tens = Math.floor(inDay / tenMinutes);
    const rest = inDay % tenMinutes;
    // The first of ten minutes keeps all its labels, each of the other nine skips the first few.
    const skipped = Math.max(0, Math.floor((rest - perMinute) / minute));
    label = tens * 600 * base + rest + skipped * perMinute;
  } else {
    label = modulo(frame, 86400 * base);
  }
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const seconds = Math.floor(label / base);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(":");
  return `${clock}${drops ? ";" : ":"}${two(label % base)}`;
}

/**
 * Give the frame that a timecode names, counted from 00:00:00:00; null when there is no such timecode.
 * @param {string} text Hours, minutes, seconds and frames.
 * @param {Rate} rate
 * @param {boolean | null} [dropFrame] Null goes by a `;` in the text.
 * @returns {number | null}
 */
export function fromTimecode(text, rate, dropFrame = null) {
  const found = TIMECODE.exec(text);
  if (!found) return null;
  const base = framesPerCount(rate);
  const [hours, minutes, seconds, frames] = [1, 3, 5, 7].map((group) => Number(found[group]));
  if (minutes >= 60 || seconds >= 60 || frames >= base) return null;
  const wholeMinutes = 60 * hours + minutes;
  let label = (60 * wholeMinutes + seconds) * base + frames;
  const drops = dropFrame === null ? text.includes(";") : dropFrame;
  if (!(drops && canDrop(rate))) return label;
  const perMinute = Math.floor(base / 15);
  if (minutes % 10 && seconds === 0 && frames < perMinute) label += perMinute - frames;
  return label - perMinute * (wholeMinutes - Math.floor(wholeMinutes / 10));
}

/**
 * Seconds at which a frame begins: the double nearest to the exact quotient.
 * @param {number} frame
 * @param {Rate} rate
 */
export const timeOf = (frame, rate) => (frame * rate.den) / rate.num;

/**
 * Give the frame whose beginning is nearest to a time; a time half-way between two goes to the later.
 * @param {number} time Seconds from frame 0.
 * @param {Rate} rate
 */
export function frameAt(time, rate) {
  // away from half-way between two frames, rounding the double cannot go wrong
  const near = (time * rate.num) / rate.den;
  const floor = Math.floor(near);
  if (Math.abs(near) < 2 ** 40 && Math.abs(near - floor - 0.5) > 1e-3) return near - floor < 0.5 ? floor : floor + 1;
  let [numerator, denominator] = integerRatio(time);
  numerator *= BigInt(rate.num);
  denominator *= BigInt(rate.den);
  return Number(floorDivide(2n * numerator + denominator, 2n * denominator));
}

/**
 * Give the frame that shows at a time: the last one to have begun.
 * @param {number} time Seconds from frame 0.
 * @param {Rate} rate
 */
export function frameShown(time, rate) {
  // A frame's beginning, rounded to a double, may lie a hair before the frame.
  const near = frameAt(time, rate);
  return timeOf(near, rate) <= time + 1e-9 ? near : near - 1;
}

/**
 * Give a double as an exact fraction (IEEE 754 binary64).
 * @param {number} value
 * @returns {[bigint, bigint]}
 */
function integerRatio(value) {
  if (!Number.isFinite(value)) throw new RangeError(`No time: ${value}`);
  let exponent = 0n;
  while (!Number.isInteger(value)) {
    value *= 2;
    exponent += 1n;
  }
  return [BigInt(value), 1n << exponent];
}

/** @param {bigint} a @param {bigint} b */
function floorDivide(a, b) {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}
