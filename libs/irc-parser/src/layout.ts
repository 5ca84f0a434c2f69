/**
 * Where the parts of one line lie, as UTF-16 offsets. A part that is absent is empty.
 *
 * - tags: `[1, tagsEnd)`, without the `@`; `tagsEnd` is 0 where there are none
 * - source: `[sourceStart, sourceEnd)`, without the `:`
 * - parameters: `[paramsStart, end)`; `end` leaves out the trailing CR LF
 */
export interface Layout {
  readonly tagsEnd: number
  readonly sourceStart: number
  readonly sourceEnd: number
  /** The command as it was sent. */
  readonly verb: string
  readonly paramsStart: number
  readonly end: number
}

export const AT = 0x40
export const COLON = 0x3a
export const HASH = 0x23
const SPACE = 0x20
const CR = 0x0d
const LF = 0x0a

/**
 * Finds the parts of a line, or `undefined` where it is no IRC message: no command, a command that
 * is neither letters nor three digits, an empty tag section or source.
 *
 * Runs of spaces count as one, as RFC 1459 and the parser tests of ircdocs have it.
 *
 * @see https://modern.ircdocs.horse/#message-format
 */
export function layoutOf(line: string): Layout | undefined {
  const end = endOf(line)
  let at = 0
  let tagsEnd = 0
  if (line.charCodeAt(0) === AT) {
    tagsEnd = line.indexOf(' ')
    if (tagsEnd < 2) return undefined
    at = skipSpaces(line, tagsEnd)
  }
  let sourceStart = at
  let sourceEnd = at
  if (line.charCodeAt(at) === COLON) {
    sourceStart = at + 1
    sourceEnd = line.indexOf(' ', sourceStart)
    if (sourceEnd <= sourceStart) return undefined
    at = skipSpaces(line, sourceEnd)
  }
  const verbEnd = partEnd(line, at, end)
  const verb = line.slice(at, verbEnd)
  if (!isVerb(verb)) return undefined
  const paramsStart = skipSpaces(line, verbEnd)
  return { tagsEnd, sourceStart, sourceEnd, verb, paramsStart, end }
}

/** The first offset from `at` on that holds no space. */
export function skipSpaces(line: string, at: number): number {
  let next = at
  while (line.charCodeAt(next) === SPACE) next += 1
  return next
}

/** Where the part that begins at `at` ends: the next space, or the end of the line. */
export function partEnd(line: string, at: number, end: number): number {
  const space = line.indexOf(' ', at)
  return space === -1 ? end : space
}

/** The length without trailing CR and LF. */
export function endOf(line: string): number {
  let end = line.length
  while (isLineBreak(line.charCodeAt(end - 1))) end -= 1
  return end
}

function isLineBreak(code: number): boolean {
  return code === LF || code === CR
}

/** Whether it is letters or three digits. */
function isVerb(verb: string): boolean {
  // Nearly always, and the expression costs more than all the rest here.
  return verb === 'PRIVMSG' || /^(?:[A-Za-z]+|\d{3})$/.test(verb)
}
