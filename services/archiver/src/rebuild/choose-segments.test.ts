import type { Level, Projection } from '@poglog/log-format'
import { describe, expect, it } from 'vitest'
import { chooseSegments } from './choose-segments.ts'
import type { FoundSegment } from './choose-segments.ts'

interface Made {
  readonly replaces?: readonly string[]
  readonly companions?: readonly string[]
  readonly level?: Level
}

/** A segment named by a short word, which stands for its ULID. */
function found(projection: Projection, ulid: string, made: Made = {}): FoundSegment {
  const level = made.level ?? (projection === 'by-user' ? 'run' : 'day')
  return {
    key: `${projection}/${ulid}`,
    number: 1,
    ulid,
    identity: {
      shard: 0,
      shards: 1,
      number: 1,
      projection,
      level,
      arrivalFromMs: 0,
      arrivalToMs: 1,
      replaces: made.replaces,
      companions: made.companions,
    },
    summary: {
      records: 1,
      sizeBytes: 1,
      sentMinMs: 0,
      sentMaxMs: 0,
      digest: '0'.repeat(32),
    },
  }
}

const hour = (ulid: string): FoundSegment => found('by-channel', ulid, { level: 'hour' })

/** The group of a compaction: a day with one run and one words segment. */
function group(name: string, replaces: readonly string[]): FoundSegment[] {
  const companions = [`${name}-run`, `${name}-words`]
  return [
    found('by-user', `${name}-run`),
    found('words', `${name}-words`),
    found('by-channel', name, { replaces, companions }),
  ]
}

/** What was chosen, as `ulid level`, sorted. */
function chosen(...segments: readonly FoundSegment[]): string[] {
  const names = chooseSegments(segments).map(({ segment, level }) => `${segment.ulid} ${level}`)
  return names.toSorted()
}

describe('chooseSegments', () => {
  it('takes hours that no day replaces as they are', () => {
    expect(chosen(hour('h1'), hour('h2'))).toEqual(['h1 hour', 'h2 hour'])
  })

  it('takes a compacted day with its run and words, and leaves its hours out', () => {
    const names = chosen(hour('h1'), hour('h2'), hour('h3'), ...group('d', ['h1', 'h2']))
    expect(names).toEqual(['d day', 'd-run run', 'd-words day', 'h3 hour'])
  })

  it('leaves out what a compaction wrote that died before its day', () => {
    const [run, words] = group('d', ['h1'])
    if (run === undefined || words === undefined) throw new Error('no group')
    expect(chosen(hour('h1'), run, words)).toEqual(['h1 hour'])
  })

  it('makes a day uncovered whose run is gone, and leaves its words out', () => {
    const [, words, day] = group('d', ['h1'])
    if (words === undefined || day === undefined) throw new Error('no group')
    expect(chosen(hour('h1'), words, day)).toEqual(['d hour'])
  })

  it('takes a fold in the place of the runs it replaces, there or gone', () => {
    const fold = found('by-user', 'f', { level: 'fold', replaces: ['a-run', 'b-run'] })
    const [, words, day] = group('a', ['h1'])
    if (words === undefined || day === undefined) throw new Error('no group')
    const names = chosen(words, day, ...group('b', ['h2']), fold)
    expect(names).toEqual(['a day', 'a-words day', 'b day', 'b-words day', 'f fold'])
  })

  it('takes the fold of folds, which names all that they had replaced', () => {
    const first = found('by-user', 'f1', { level: 'fold', replaces: ['a-run'] })
    const second = found('by-user', 'f2', { level: 'fold', replaces: ['a-run', 'b-run', 'f1'] })
    const names = chosen(...group('a', ['h1']), ...group('b', ['h2']), first, second)
    expect(names).toEqual(['a day', 'a-words day', 'b day', 'b-words day', 'f2 fold'])
  })

  it('takes one of two days made of the same hours, with what belongs to it', () => {
    const names = chosen(hour('h1'), ...group('d1', ['h1']), ...group('d2', ['h1']))
    expect(names).toEqual(['d1 day', 'd1-run run', 'd1-words day'])
  })

  it('prefers the one whose run a fold has, because it was committed', () => {
    const fold = found('by-user', 'f', { level: 'fold', replaces: ['d2-run'] })
    const [, words, day] = group('d2', ['h1'])
    const [, otherWords, otherDay] = group('d1', ['h1'])
    const all = [words, day, otherWords, otherDay, fold].filter((one) => one !== undefined)
    expect(chosen(...all)).toEqual(['d2 day', 'd2-words day', 'f fold'])
  })

  it('prefers it also to an earlier one that has all of its own', () => {
    const fold = found('by-user', 'f', { level: 'fold', replaces: ['d2-run', 'e-run'] })
    const [, words, day] = group('d2', ['h1'])
    const [, otherWords, otherDay] = group('e', ['h2'])
    const all = [words, day, otherWords, otherDay, fold].filter((one) => one !== undefined)
    expect(chosen(...group('d1', ['h1']), ...all)).toEqual([
      'd2 day',
      'd2-words day',
      'e day',
      'e-words day',
      'f fold',
    ])
  })

  it('keeps both of two days made of partly the same hours, uncovered: none may be lost', () => {
    const names = chosen(...group('d1', ['h1', 'h2']), ...group('d2', ['h2', 'h3']))
    expect(names).toEqual(['d1 hour', 'd2 hour'])
  })

  it('gives up a fold, and the coverage of its days, where it holds a day that is not covered', () => {
    const fold = found('by-user', 'f', { level: 'fold', replaces: ['a-run', 'b-run'] })
    const [, , dayWithoutWords] = group('a', ['h1'])
    const [, words, day] = group('b', ['h2'])
    const all = [dayWithoutWords, words, day, fold].filter((one) => one !== undefined)
    expect(chosen(...all)).toEqual(['a hour', 'b hour'])
  })

  it('keeps what a rewritten day came with', () => {
    const rewritten = found('by-channel', 'd2', {
      replaces: ['d', 'h1'],
      companions: ['d-run', 'd-words'],
    })
    const names = chosen(...group('d', ['h1']), rewritten)
    expect(names).toEqual(['d-run run', 'd-words day', 'd2 day'])
  })
})
