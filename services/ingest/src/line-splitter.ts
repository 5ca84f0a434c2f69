import { isUtf8 } from 'node:buffer'

/** A Twitch line has at most 8,191 bytes of tags and 512 of message; more than this is no chat line. */
export const LINE_BYTES_MAX = 65_536

const LINE_END = '\r\n'
const CR = 0x0d
const UTF8_BYTES_MAX = 3 // of one UTF-16 code unit

export interface SplitterEvents {
  /** A line beyond {@link LINE_BYTES_MAX} was left out. */
  readonly lineTooLong: () => void
  /** A frame was no UTF-8; its wrong bytes became U+FFFD. */
  readonly frameDamaged: () => void
}

/**
 * Cuts WebSocket frames into IRC lines on CR LF and on nothing else, so that a line keeps its trailing
 * spaces byte for byte. What follows the last CR LF of a frame is carried over to the next frame, at
 * most {@link LINE_BYTES_MAX} bytes of it.
 */
export class LineSplitter {
  readonly #events: SplitterEvents
  #carry: Buffer | undefined
  /** Inside a line that was too long: everything up to its CR LF goes. */
  #isSkipping = false

  constructor(events: SplitterEvents) {
    this.#events = events
  }

  /** Takes the next frame and returns the lines that are now whole, in order; empty lines are left out. */
  push(frame: Buffer): readonly string[] {
    let data = this.#carry === undefined ? frame : Buffer.concat([this.#carry, frame])
    this.#carry = undefined
    if (this.#isSkipping) {
      const lineEnd = data.indexOf(LINE_END)
      if (lineEnd === -1) return this.#keep(data)
      this.#isSkipping = false
      data = data.subarray(lineEnd + LINE_END.length)
    }
    const end = data.lastIndexOf(LINE_END)
    if (end === -1) return this.#keep(data)
    this.#keep(data.subarray(end + LINE_END.length))
    return this.#linesOf(data.subarray(0, end))
  }

  #linesOf(data: Buffer): readonly string[] {
    if (!isUtf8(data)) this.#events.frameDamaged()
    const lines = data.toString('utf8').split(LINE_END)
    return lines.every(isPlain) ? lines : lines.filter((line) => this.#isUsable(line))
  }

  #isUsable(line: string): boolean {
    const isTooLong = Buffer.byteLength(line) > LINE_BYTES_MAX
    if (isTooLong) this.#events.lineTooLong()
    return line !== '' && !isTooLong
  }

  #keep(rest: Buffer): readonly string[] {
    if (rest.length > LINE_BYTES_MAX && !this.#isSkipping) {
      this.#isSkipping = true
      this.#events.lineTooLong()
    }
    // Of a line that is skipped only its last CR matters: the LF may begin the next frame.
    const kept = this.#isSkipping ? rest.subarray(rest.at(-1) === CR ? -1 : rest.length) : rest
    // A copy: the frame may be a slice of a much larger read.
    this.#carry = kept.length === 0 ? undefined : Buffer.from(kept)
    return []
  }
}

/** Whether a line needs no closer look: not empty, and short enough whatever its characters are. */
function isPlain(line: string): boolean {
  return line.length > 0 && line.length <= LINE_BYTES_MAX / UTF8_BYTES_MAX
}
