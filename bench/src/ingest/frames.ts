/** Twitch puts what it has into one frame. Sizes of 1, 2, 4, 8, 7 and 5 lines in turns: 4.5 on average. */
const SIZE_STEPS = 9

const FIN_TEXT = 0x81
const SHORT_BYTES_MAX = 125
const MEDIUM_BYTES_MAX = 65_535

/** Cuts lines into groups as they come in one frame. */
export function* framesOf(lines: readonly string[]): Generator<readonly string[]> {
  let size = 1
  for (let from = 0; from < lines.length; from += size) {
    size = (from % SIZE_STEPS) + 1
    yield lines.slice(from, from + size)
  }
}

/** One WebSocket text frame as a server sends it. @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
export function encodeFrame(lines: readonly string[]): Buffer {
  const payload = Buffer.from(lines.map((line) => `${line}\r\n`).join(''))
  if (payload.length > MEDIUM_BYTES_MAX) throw new Error(`a frame of ${payload.length} bytes`)
  const head =
    payload.length <= SHORT_BYTES_MAX
      ? [FIN_TEXT, payload.length]
      : [FIN_TEXT, 126, payload.length >> 8, payload.length & 0xff]
  return Buffer.concat([Buffer.from(head), payload])
}
