import { describe, expect, it } from 'vitest'
import { ChatSimError } from './errors.ts'
import { readFlags } from './flags.ts'

function settingsOf(line: string): Exclude<ReturnType<typeof readFlags>, 'help'> {
  const settings = readFlags(line.split(' '))
  if (settings === 'help') throw new Error('not asked for help')
  return settings
}

describe('readFlags', () => {
  it('reads a replay', () => {
    expect(settingsOf('--replay a.txt --rate 50 --port 7777 --no-pause')).toMatchObject({
      port: 7777,
      source: { kind: 'replay', file: 'a.txt', rate: 50, pauseWithoutListener: false },
    })
  })

  it('replays as fast as it can unless told a rate', () => {
    expect(settingsOf('--replay a.txt').source).toMatchObject({
      rate: 'max',
      pauseWithoutListener: true,
    })
  })

  it('takes a number of channels or their names', () => {
    expect(settingsOf('--generate --channels 7 --seed 3').source).toMatchObject({
      channels: 7,
      seed: 3,
    })
    expect(settingsOf('--generate --channels b,a').source).toMatchObject({ channels: ['b', 'a'] })
  })

  it('sets a limit on joins only when asked', () => {
    expect(settingsOf('--generate').joinLimit).toBeUndefined()
    expect(settingsOf('--generate --join-limit 20 --join-limit-per identity').joinLimit).toEqual({
      joins: 20,
      per: 'identity',
    })
  })

  it('names every flag that is wrong', () => {
    expect(() => readFlags('--generate --port 70000 --split-share 2'.split(' '))).toThrow(
      /--port.*--split-share/,
    )
  })

  it.each(['--replay a --generate', '--port 1', '--generate --bogus', 'extra'])(
    'refuses %j',
    (line) => {
      expect(() => readFlags(line.split(' '))).toThrow(ChatSimError)
    },
  )

  it('knows help', () => {
    expect(readFlags(['--help'])).toBe('help')
  })
})
