import { isUtf8 } from 'node:buffer'
import { RAW_BYTES_MAX } from '@poglog/hot-store'

const LINE_FEED = 0x0a
const BYTE_ORDER_MARK = Buffer.from('\u{feff}')
/** What a line that cannot be stored shows of itself in the reject file. */
const SHOWN_BYTES = 1000
/** Room for the tags that recent-messages adds and the import takes off again. */
const LINE_BYTES_MAX = RAW_BYTES_MAX + 1024

/** One line of a unit, without its line feed. `number` counts from 1. */
export interface Line {
  readonly number: number
  /** The line, or the beginning of one that cannot be stored. */
  readonly text: string
  readonly problem: 'not-utf8' | 'too-long' | 'cut-off' | undefined
}

/**
 * Yields the lines of a unit, empty ones left out, in batches of about a chunk; however long a line, in bounded memory.
 *
 * @param isWhole asked about a last line without a line feed: where more was to come, it is `cut-off`.
 * @throws what reading throws, after the lines before; a line that was begun is `cut-off`.
 */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
  isWhole = (): Promise<boolean> => Promise.resolve(true),
): AsyncGenerator<Line[]> {
  const rest = new LineRest()
  const failures: unknown[] = []
  let number = 0
  try {
    for await (const { lines, count } of endedLines(bytes, rest)) {
      number = count
      yield lines
    }
  } catch (error) {
    failures.push(error)
  }
  const last = lineOf(rest.takeWith(Buffer.alloc(0)), number + 1)
  if (last !== undefined) {
    const isCut = failures.length > 0 || !(await isWhole())
    yield [isCut && last.problem !== 'too-long' ? cutOff(last) : last]
  }
  if (failures.length > 0) throw failures[0]
}

/** The lines that have an end, and how many lines there were until then. */
async function* endedLines(
  bytes: AsyncIterable<Uint8Array>,
  rest: LineRest,
): AsyncGenerator<{ readonly lines: Line[]; readonly count: number }> {
  let number = 0
  let isFirst = true
  for await (const piece of bytes) {
    let chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    if (isFirst && chunk.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)) {
      chunk = chunk.subarray(BYTE_ORDER_MARK.length)
    }
    isFirst = false
    const end = chunk.lastIndexOf(LINE_FEED)
    if (end < 0) {
      rest.add(chunk)
      continue
    }
    const firstEnd = chunk.indexOf(LINE_FEED)
    const first = rest.takeWith(chunk.subarray(0, firstEnd))
    const { lines, count } = linesOf(chunk.subarray(firstEnd + 1, end), number + 1)
    const batch = lineOf(first, number + 1)
    number += 1 + (end > firstEnd ? count : 0)
    rest.add(chunk.subarray(end + 1))
    const all = [...(batch === undefined ? [] : [batch]), ...(end > firstEnd ? lines : [])]
    yield { lines: all, count: number }
  }
}

function cutOff({ number, text }: Line): Line {
  return { number, text: text.slice(0, SHOWN_BYTES), problem: 'cut-off' }
}

/** The beginning of a line whose end has not been read yet. */
class LineRest {
  #parts: Buffer[] = []
  #sizeBytes = 0

  add(part: Buffer): void {
    if (this.#sizeBytes <= LINE_BYTES_MAX) this.#parts.push(part.subarray(0, LINE_BYTES_MAX + 1))
    this.#sizeBytes += part.length
  }

  /** The line that ends with `part`; more than can be stored of one that is too long, not all of it. */
  takeWith(part: Buffer): Buffer {
    if (this.#sizeBytes === 0) return part
    this.add(part)
    const whole = Buffer.concat(this.#parts)
    this.#parts = []
    this.#sizeBytes = 0
    return whole
  }
}

/**
 * The lines of some bytes, the first of which has the number after `before`.
 *
 * Each is decoded by itself: one emoji in a chunk would make all its lines take two bytes a character, and a line cut out
 * of a chunk would keep the whole chunk in memory.
 */
function linesOf(bytes: Buffer, before: number): { lines: Line[]; count: number } {
  const lines: Line[] = []
  const isValid = isUtf8(bytes)
  let number = before
  for (let start = 0; start <= bytes.length;) {
    const found = bytes.indexOf(LINE_FEED, start)
    const end = found < 0 ? bytes.length : found
    number += 1
    const line = lineOf(bytes.subarray(start, end), number, isValid)
    if (line !== undefined) lines.push(line)
    start = end + 1
  }
  return { lines, count: number - before }
}

function lineOf(bytes: Buffer, number: number, isValid = isUtf8(bytes)): Line | undefined {
  if (bytes.length > LINE_BYTES_MAX) {
    return { number, text: bytes.toString('utf8', 0, SHOWN_BYTES), problem: 'too-long' }
  }
  if (!isValid && !isUtf8(bytes)) {
    return { number, text: bytes.toString('latin1', 0, SHOWN_BYTES), problem: 'not-utf8' }
  }
  const text = bytes.toString('utf8')
  return text === '' || text === '\r' ? undefined : { number, text, problem: undefined }
}
