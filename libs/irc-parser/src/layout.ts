/**
 * Where the parts of one line lie, as UTF-16 offsets. A part that is absent is empty.
 *
 * - tags: `[1, tagsEnd)`, without the `@`; `tagsEnd` is 0 where there are none
 * - source: `[sourceStart, sourceEnd)`, without the `:`
 * - verb: `[verbStart, verbEnd)`, the command as it was sent
 * - parameters: `[paramsStart, end)`; `end` leaves out the trailing CR LF
 */
export interface Layout {
  readonly tagsEnd: number
  readonly sourceStart: number
  readonly sourceEnd: number
  readonly verbStart: number
  readonly verbEnd: number
  /** Whether the verb has lower-case letters. */
  readonly isLowerCase: boolean
  readonly paramsStart: number
  readonly end: number
}

export const AT = 0x40
export const COLON = 0x3a
export const HASH = 0x23
export const SPACE = 0x20
const CR = 0x0d
const LF = 0x0a

/**
 * Finds the parts of a line, or `undefined` where it is no IRC message: no command, a command that
 * is neither letters nor three digits, an empty tag section or source, a CR or LF inside.
 *
 * Runs of spaces count as one, as RFC 1459 and the parser tests of ircdocs have it.
 *
 * @see https://modern.ircdocs.horse/#message-format
 */
export function layoutOf(line: string): Layout | undefined {
  const end = endOf(line)
  if (end === -1) return undefined
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
  const verbCase = caseOf(line, at, verbEnd)
  if (verbCase === undefined) return undefined
  return {
    tagsEnd,
    sourceStart,
    sourceEnd,
    verbStart: at,
    verbEnd,
    isLowerCase: verbCase === 'lower',
    paramsStart: skipSpaces(line, verbEnd),
    end,
  }
}

/** The command in upper case. */
export function commandOf(line: string, { verbStart, verbEnd, isLowerCase }: Layout): string {
  const verb = line.slice(verbStart, verbEnd)
  return isLowerCase ? verb.toUpperCase() : verb
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

/** The length without trailing CR and LF, or -1 where one of them stands inside. */
function endOf(line: string): number {
  let end = line.length
  while (end > 0 && isLineBreak(line.charCodeAt(end - 1))) end -= 1
  return isInside(line.indexOf('\n'), end) || isInside(line.indexOf('\r'), end) ? -1 : end
}

function isInside(at: number, end: number): boolean {
  return at !== -1 && at < end
}

function isLineBreak(code: number): boolean {
  return code === LF || code === CR
}

/** Whether a verb has lower-case letters; `undefined` for what is neither letters nor three digits. */
function caseOf(line: string, from: number, to: number): 'upper' | 'lower' | undefined {
  if (from >= to) return undefined
  let letters = 0
  let digits = 0
  let found: 'upper' | 'lower' = 'upper'
  for (let at = from; at < to; at += 1) {
    const code = line.charCodeAt(at)
    if (code >= 0x41 && code <= 0x5a) letters += 1
    else if (code >= 0x30 && code <= 0x39) digits += 1
    else if (code >= 0x61 && code <= 0x7a) {
      letters += 1
      found = 'lower'
    } else return undefined
  }
  return digits === 0 || (digits === 3 && letters === 0) ? found : undefined
}
