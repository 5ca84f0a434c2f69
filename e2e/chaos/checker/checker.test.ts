import { describe, expect, it } from 'vitest'
import { Book } from './book.ts'
import type { Line } from './book.ts'
import { boundsOf, checkCount, checkLeaders, checkNames } from './counts.ts'
import { checkGaps } from './gaps.ts'
import type { Gap } from './gaps.ts'
import type { LineFacts } from './line.ts'
import { LineReader } from './line.ts'
import { checkLogAnswer } from './log-answer.ts'
import type { LogQuestion } from './log-answer.ts'

const CHANNEL = '22'
const ALL: LogQuestion = { channelId: CHANNEL, order: 'asc' }

describe('the check of a log answer', () => {
  it('has nothing to say of a right one, with what is sent but not acknowledged or without', () => {
    const { book, lines, answer } = said(4, { acknowledged: 3 })
    expect(answer(ALL, lines)).toEqual([])
    const fresh = said(4, { acknowledged: 3 })
    expect(fresh.answer(ALL, fresh.lines.slice(0, 3))).toEqual([])
    expect(book.all).toHaveLength(4)
  })

  it('sees an acknowledged record that is missing (Q1, A1)', () => {
    const { lines, answer } = said(4, { acknowledged: 4 })
    expect(answer(ALL, dropped(lines, 1))).toMatchObject([{ kind: 'missing', raw: lines[1]?.raw }])
  })

  it('sees that an answer shrinks: what one has shown is missing in the next (Q1)', () => {
    const { lines, answer } = said(3, { acknowledged: 0 })
    expect(answer(ALL, lines)).toEqual([])
    expect(answer(ALL, lines.slice(0, 2))).toMatchObject([{ kind: 'missing' }])
  })

  it('does not ask for what was acknowledged after the request began', () => {
    const { book, lines } = said(2, { acknowledged: 1 })
    const begunAt = book.moment()
    for (const line of lines) book.acknowledge(line)
    const raws = lines.slice(0, 1).map(({ raw }) => raw)
    expect(checkLogAnswer(book, ALL, { begunAt, raws, isEnd: true })).toEqual([])
  })

  it('sees a record twice, also far apart (I2)', () => {
    const { lines, answer } = said(3, { acknowledged: 3 })
    expect(answer(ALL, [...lines, ...lines.slice(0, 1)])).toMatchObject([{ kind: 'double' }])
  })

  it('sees a wrong order, by time and by key within a millisecond (Q3)', () => {
    const { lines, answer } = said(3, { acknowledged: 3 })
    expect(kinds(answer(ALL, lines.toReversed()))).toEqual(['order', 'order'])
    expect(answer({ ...ALL, order: 'desc' }, lines.toReversed())).toEqual([])
    const same = said(2, { acknowledged: 2, sentAtMs: 5 })
    expect(kinds(same.answer(ALL, same.lines.toReversed()))).toEqual(['order'])
  })

  it('sees a byte that is another (Q2)', () => {
    const { book, lines } = said(1, { acknowledged: 1 })
    const raws = [`${lines[0]?.raw ?? ''} `]
    const answer = { begunAt: book.moment(), raws, isEnd: true }
    expect(kinds(checkLogAnswer(book, ALL, answer))).toEqual(['foreign', 'missing'])
  })

  it('sees what was not asked for: another channel, user, time or type, or too much', () => {
    const { lines, answer } = said(3, { acknowledged: 3 })
    const [first] = lines
    const others: readonly Partial<LogQuestion>[] = [
      { channelId: '23' },
      { userId: '9' },
      { toMs: 1 },
      { types: ['CLEARCHAT'] },
    ]
    for (const other of others) {
      const question = { ...ALL, ...other }
      expect(kinds(answer(question, first ? [first] : []))).toContain('outside')
    }
    expect(kinds(answer({ ...ALL, limit: 2 }, lines, false))).toEqual(['outside'])
  })

  it('asks of a page for what lies up to its end, and of the last page for all', () => {
    const { lines, answer } = said(5, { acknowledged: 5 })
    const page = { ...ALL, limit: 2 }
    expect(answer(page, lines.slice(0, 2), false)).toEqual([])
    expect(kinds(answer(page, [lines[0], lines[2]], false))).toEqual(['missing'])
    expect(kinds(answer({ ...page, after: lines[1] }, lines.slice(2, 4), true))).toEqual([
      'missing',
    ])
    expect(kinds(answer({ ...page, after: lines[1] }, lines.slice(1, 3), false))).toEqual([
      'outside',
    ])
    expect(kinds(answer({ ...ALL, order: 'desc', limit: 1 }, lines.slice(3, 4), false))).toEqual([
      'missing',
    ])
  })

  it('lets a user have or not have a CLEARMSG, which names him by login alone', () => {
    const book = new Book()
    const line = book.send(facts(1, { userId: '', maybeUserId: '7', type: 'CLEARMSG' }))
    book.acknowledge(line)
    const question = { userId: '7', order: 'asc' } as const
    const ask = (raws: string[]) =>
      checkLogAnswer(book, question, { begunAt: book.moment(), raws, isEnd: true })
    expect(ask([])).toEqual([])
    expect(ask([line.raw])).toEqual([])
  })
})

describe('the check of counts', () => {
  it('sees one too few and one too many', () => {
    const { book } = said(5, { acknowledged: 3, words: ['Pog', 'Pog'] })
    const bounds = boundsOf(
      book,
      { question: ALL, begunAt: book.moment() },
      ({ words }) => words ?? [],
    )
    expect(bounds.get('Pog')).toEqual({ must: 6, may: 10 })
    for (const count of [6, 10]) expect(checkCount('x', count, bounds.get('Pog'))).toEqual([])
    for (const count of [5, 11]) expect(checkCount('x', count, bounds.get('Pog'))).toHaveLength(1)
    expect(checkNames('x', 1, bounds)).toEqual([])
    expect(checkNames('x', 2, bounds)).toHaveLength(1)
    expect(checkCount('x', 1, undefined)).toHaveLength(1)
  })

  it('sees a leader that is wrong, missing, listed twice or in the wrong place', () => {
    const bounds = new Map([
      ['a', { must: 3, may: 4 }],
      ['b', { must: 2, may: 2 }],
      ['c', { must: 0, may: 5 }],
    ])
    const check = (leaders: [string, number][], limit = 9) =>
      kinds(checkLeaders('x', { leaders, limit }, bounds))
    expect(
      check([
        ['a', 4],
        ['b', 2],
      ]),
    ).toEqual([])
    expect(
      check([
        ['c', 5],
        ['a', 3],
        ['b', 2],
      ]),
    ).toEqual([])
    expect(check([['a', 3]], 1)).toEqual([])
    expect(
      check([
        ['a', 5],
        ['b', 2],
      ]),
    ).toEqual(['count'])
    expect(check([['a', 3]])).toEqual(['count'])
    expect(check([['b', 2]], 1)).toEqual(['count'])
    expect(
      check([
        ['a', 3],
        ['a', 3],
        ['b', 2],
      ]),
    ).toEqual(['double'])
    expect(
      check([
        ['b', 2],
        ['a', 3],
      ]),
    ).toEqual(['order'])
  })
})

describe('the check of losses', () => {
  const rules = { gapMsMax: 15, lateMs: 2 }
  const check = (sentAtMs: number[], gaps: Gap[]) => {
    const book = new Book()
    const lost = sentAtMs.map((atMs) => book.send(facts(atMs)))
    return kinds(checkGaps(lost, new Map([[CHANNEL, gaps]]), rules))
  }

  it('sees a line that was lost in a time that is told to be covered', () => {
    expect(check([10, 15, 20], [gap(10, 20)])).toEqual([])
    expect(check([8], [gap(10, 20)])).toEqual([])
    expect(check([7], [gap(10, 20)])).toEqual(['gap'])
    expect(check([21], [gap(10, 20)])).toEqual(['gap'])
    expect(check([1], [])).toEqual(['gap'])
  })

  it('sees a gap that is too long, also of pieces', () => {
    expect(check([], [gap(10, 25)])).toEqual([])
    expect(check([], [gap(10, 26)])).toEqual(['gap'])
    expect(check([], [gap(10, 20), gap(20, 30, 'replica')])).toEqual(['gap'])
    expect(check([], [gap(10, 20), gap(21, 31)])).toEqual([])
  })
})

describe('the reader of lines', () => {
  it('takes words, whose record it is and copies of a shared chat from the line itself', () => {
    const reader = new LineReader(new Map([['forsen', CHANNEL]]))
    const line = (tags: string, text: string, command = 'PRIVMSG') =>
      reader.read(
        `@${tags};tmi-sent-ts=5 :nymn!nymn@nymn.tmi.twitch.tv ${command} #forsen :${text}`,
      )
    const own = `room-id=${CHANNEL};user-id=7`
    expect(line(own, 'a\u{3000}b  Pog ')?.words).toEqual(['a', 'b', 'Pog'])
    expect(line(own, '\u{1}ACTION says hi\u{1}')?.words).toEqual(['says', 'hi'])
    expect(line(`${own};source-room-id=99`, 'Pog')?.words).toBeUndefined()
    expect(line(`${own};source-room-id=${CHANNEL}`, 'Pog')?.words).toEqual(['Pog'])
    expect(line('login=nymn;room-id=', 'Pog', 'CLEARMSG')).toMatchObject({
      type: 'CLEARMSG',
      channelId: CHANNEL,
      userId: '',
      maybeUserId: '7',
    })
    expect(reader.read(':tmi.twitch.tv NOTICE #forsen :slow')).toBeUndefined()
  })
})

function kinds(violations: readonly { readonly kind: string }[]): string[] {
  return violations.map(({ kind }) => kind)
}

function gap(fromMs: number, toMs: number, cause = 'connection'): Gap {
  return { fromMs, toMs, cause }
}

function dropped<T>(items: readonly T[], index: number): T[] {
  return items.filter((_, at) => at !== index)
}

function facts(number: number, given: Partial<LineFacts> = {}): LineFacts {
  return {
    raw: `line ${number}`,
    channelId: CHANNEL,
    userId: '7',
    maybeUserId: '',
    type: 'PRIVMSG',
    words: undefined,
    sentAtMs: number,
    key: String(number).padStart(32, '0'),
    ...given,
  }
}

function said(
  count: number,
  { acknowledged, ...given }: Partial<LineFacts> & { readonly acknowledged: number },
) {
  const book = new Book()
  const lines = Array.from({ length: count }, (_, index) => book.send(facts(index + 1, given)))
  for (const line of lines.slice(0, acknowledged)) book.acknowledge(line)
  const answer = (question: LogQuestion, shown: readonly (Line | undefined)[], isEnd = true) => {
    const raws = shown.map((line) => line?.raw ?? '')
    return checkLogAnswer(book, question, { begunAt: book.moment(), raws, isEnd })
  }
  return { book, lines, answer }
}
