import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { ChatSimError } from './errors.ts'
import { roomIdOf, routeLine } from './line-route.ts'

/** A longer line is left out and counted: Twitch allows 8,191 bytes of tags and 512 of message. */
const LINE_BYTES_MAX = 256 * 1024
const CHUNK_BYTES = 256 * 1024
const LINE_FEED = 0x0a

/** What one pass over a file finds out. */
export interface FileSummary {
  /** Lines that are not empty, those of `unsendable` included. */
  readonly lines: number
  /** Channel login -> the `room-id` most of its lines carry (empty: none carries one), in order of appearance. */
  readonly channels: ReadonlyMap<string, string>
}

/** Some lines of a file, in order, as bytes (see wire.ts). */
export interface LineBatch {
  readonly lines: readonly string[]
  /** Lines between the ones of this batch that no text frame can carry: not UTF-8, or longer than 256 KiB. */
  readonly unsendable: number
}

/**
 * Reads the whole file once, in bounded memory.
 *
 * @throws {ChatSimError} `bad-file` when it cannot be read, holds no line, or none of its lines has a channel.
 */
export async function scanFile(file: string): Promise<FileSummary> {
  const counts = new Map<string, Map<string, number>>()
  let lines = 0
  for await (const batch of readLines(file)) {
    lines += batch.lines.length + batch.unsendable
    for (const line of batch.lines) countRoom(counts, line)
  }
  if (lines === 0) throw new ChatSimError('bad-file', `the file is empty: ${file}`)
  if (counts.size === 0) {
    throw new ChatSimError('bad-file', `no line of the file names a channel: ${file}`)
  }
  const channels = new Map([...counts].map(([login, rooms]) => [login, mostFrequent(rooms)]))
  return { lines, channels }
}

/**
 * Yields the lines of a file without their ends (LF or CRLF), empty ones left out, a chunk at a time.
 *
 * @throws {ChatSimError} `bad-file` when it cannot be read.
 */
export async function* readLines(file: string): AsyncGenerator<LineBatch> {
  const stream = createReadStream(file, { highWaterMark: CHUNK_BYTES })
  const rest = new LineRest()
  try {
    for await (const chunk of stream) {
      if (!Buffer.isBuffer(chunk)) throw new Error('a read stream without encoding yields buffers')
      const end = chunk.lastIndexOf(LINE_FEED)
      if (end < 0) {
        rest.add(chunk)
        continue
      }
      const tooLong = rest.isTooLong ? 1 : 0
      // The tail of a line that was given up lies before this chunk's first line feed.
      const from = tooLong === 1 ? chunk.indexOf(LINE_FEED) + 1 : 0
      yield toBatch(rest.takeWith(chunk.subarray(from, end)), tooLong)
      rest.add(chunk.subarray(end + 1))
    }
  } catch (error) {
    throw new ChatSimError('bad-file', `cannot read ${file}`, { cause: error })
  }
  const tooLong = rest.isTooLong ? 1 : 0
  yield toBatch(rest.takeWith(Buffer.alloc(0)), tooLong)
}

/** The beginning of a line whose end has not been read yet. */
class LineRest {
  #parts: Buffer[] = []
  #sizeBytes = 0

  get isTooLong(): boolean {
    return this.#sizeBytes > LINE_BYTES_MAX
  }

  add(part: Buffer): void {
    this.#sizeBytes += part.length
    if (this.isTooLong) this.#parts = []
    else this.#parts.push(part)
  }

  takeWith(part: Buffer): Buffer {
    const whole = Buffer.concat([...this.#parts, part])
    this.#parts = []
    this.#sizeBytes = 0
    return whole
  }
}

function toBatch(bytes: Buffer, tooLong: number): LineBatch {
  const texts = isUtf8(bytes) ? bytes.toString('latin1').split('\n') : decodeEach(bytes)
  let unsendable = tooLong
  const lines: string[] = []
  for (const text of texts) {
    if (text === undefined) unsendable++
    else {
      const line = text.endsWith('\r') ? text.slice(0, -1) : text
      if (line.length > LINE_BYTES_MAX) unsendable++
      else if (line !== '') lines.push(line)
    }
  }
  return { lines, unsendable }
}

/** `undefined` for a line that is not UTF-8. */
function decodeEach(bytes: Buffer): (string | undefined)[] {
  const texts: (string | undefined)[] = []
  for (let start = 0; start <= bytes.length;) {
    const found = bytes.indexOf(LINE_FEED, start)
    const end = found < 0 ? bytes.length : found
    const line = bytes.subarray(start, end)
    texts.push(isUtf8(line) ? line.toString('latin1') : undefined)
    start = end + 1
  }
  return texts
}

function countRoom(counts: Map<string, Map<string, number>>, line: string): void {
  const route = routeLine(line)
  if (route.to !== 'channel') return
  let rooms = counts.get(route.channel)
  if (rooms === undefined) counts.set(route.channel, (rooms = new Map<string, number>()))
  const roomId = roomIdOf(line)
  if (roomId !== '') rooms.set(roomId, (rooms.get(roomId) ?? 0) + 1)
}

function mostFrequent(rooms: ReadonlyMap<string, number>): string {
  let best = ''
  for (const [roomId, count] of rooms) {
    if (best === '' || count > (rooms.get(best) ?? 0)) best = roomId
  }
  return best
}
