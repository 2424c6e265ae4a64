/**
 * Reads a WAV file as it arrives, in constant memory, into peaks for drawing, and its highest sample and RMS.
 *
 * The layout is that of Multimedia Programming Interface and Data Specifications 1.0 (RIFF WAVE), PCM of 16 or 24 bits.
 */

const PEAKS_A_SECOND = 200;

/** Collects bytes and gives them out in whole pieces. */
class Bytes {
  /** @param {ReadableStreamDefaultReader<Uint8Array>} reader */
  constructor(reader) {
    this.reader = reader;
    this.held = new Uint8Array(0);
  }

  /** @returns {Promise<boolean>} Whether more came. */
  async more() {
    const { done, value } = await this.reader.read();
    if (done) return false;
    const joined = new Uint8Array(this.held.length + value.length);
    joined.set(this.held);
    joined.set(value, this.held.length);
    this.held = joined;
    return true;
  }

  /** @param {number} count */
  async take(count) {
    while (this.held.length < count) if (!(await this.more())) return null;
    const taken = this.held.subarray(0, count);
    this.held = this.held.subarray(count);
    return taken;
  }
}

/** @param {Bytes} bytes */
async function format(bytes) {
  const head = await bytes.take(12);
  if (!head || String.fromCharCode(...head.subarray(0, 4)) !== "RIFF") return null;
  let found = null;
  for (;;) {
    const chunk = await bytes.take(8);
    if (!chunk) return null;
    const name = String.fromCharCode(...chunk.subarray(0, 4));
    const size = new DataView(chunk.buffer, chunk.byteOffset + 4, 4).getUint32(0, true);
    if (name === "data") return found && { ...found, size };
    const body = await bytes.take(size + (size % 2));
    if (!body) return null;
    if (name !== "fmt ") continue;
    const fields = new DataView(body.buffer, body.byteOffset, body.length);
    found = { channels: fields.getUint16(2, true), rate: fields.getUint32(4, true), bits: fields.getUint16(14, true) };
    if (found.bits !== 16 && found.bits !== 24) return null;
  }
}

/** @param {string} url */
async function read(url) {
  const answer = await fetch(url);
  if (!answer.ok || !answer.body) return null;
  const bytes = new Bytes(answer.body.getReader());
  const wave = await format(bytes);
  if (!wave) return null;
  const { channels, rate, bits } = wave;
  const width = bits / 8;
  const samples = Math.floor(wave.size / width / channels);
  const every = Math.round(rate / PEAKS_A_SECOND);
  // lowest and highest in turn, as waveforms are drawn
  const peaks = new Float32Array(2 * Math.ceil(samples / every));
  const full = 2 ** (bits - 1);
  let peak = 0;
  let power = 0;
  let done = 0;
  let [low, high] = [0, 0];
  while (done < samples) {
    if (bytes.held.length < width * channels && !(await bytes.more())) break;
    const ready = Math.min(samples - done, Math.floor(bytes.held.length / (width * channels)));
    const block = await bytes.take(ready * width * channels);
    if (!block) break;
    for (let i = 0, at = 0; i < ready; i++) {
      for (let c = 0; c < channels; c++, at += width) {
        const value = (width === 3 ? ((block[at] | (block[at + 1] << 8) | (block[at + 2] << 16)) << 8) >> 8 : ((block[at] | (block[at + 1] << 8)) << 16) >> 16) / full;
        if (value < low) low = value;
        if (value > high) high = value;
        power += value * value;
      }
      if (++done % every === 0 || done === samples) {
        const index = 2 * Math.ceil(done / every) - 2;
        peaks[index] = low;
        peaks[index + 1] = high;
        peak = Math.max(peak, high, -low);
        low = high = 0;
      }
    }
  }
  return { peaks, duration: samples / rate, peak, rms: Math.sqrt(power / Math.max(1, done * channels)) };
}

self.onmessage = async ({ data: { url } }) => {
  const found = await read(url).catch(() => null);
  self.postMessage({ url, found }, found ? { transfer: [found.peaks.buffer] } : {});
};
