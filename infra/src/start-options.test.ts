import { describe, expect, it } from 'vitest'
import { Problem } from './problem.ts'
import { planStart, type StartOptions } from './start-options.ts'

const DEFAULTS: StartOptions = {
  rate: '100',
  port: '8025',
  host: '127.0.0.1',
  data: './data',
  replicas: '1',
}

describe('planStart', () => {
  it('is the demo in a new folder', () => {
    expect(planStart(DEFAULTS, undefined)).toMatchObject({ mode: 'demo', port: 8025, replicas: 1 })
  })

  it('goes on with what the folder logged last', () => {
    expect(planStart(DEFAULTS, 'twitch').mode).toBe('twitch')
    expect(planStart(DEFAULTS, 'replay')).toMatchObject({ mode: 'replay', replayFile: undefined })
  })

  it('takes logins as people write them', () => {
    const plan = planStart({ ...DEFAULTS, channels: ' Forsen,#nymn,, ' }, undefined)
    expect(plan).toMatchObject({ mode: 'twitch', channels: ['forsen', 'nymn'] })
  })

  it('takes a rate in lines a second or max', () => {
    const replay = import.meta.filename
    expect(planStart({ ...DEFAULTS, replay, rate: 'max' }, 'replay')).toMatchObject({
      mode: 'replay',
      rate: 'max',
      replayFile: replay,
    })
    expect(planStart({ ...DEFAULTS, replay, rate: '250' }, undefined).rate).toBe(250)
  })

  it('does not mix made-up chat, replays and chat of Twitch in one folder', () => {
    const twitch = { ...DEFAULTS, channels: 'forsen' }
    expect(() => planStart(twitch, 'demo')).toThrow('holds the made-up chat of a demo')
    expect(planStart(twitch, 'twitch').mode).toBe('twitch')
  })

  it('names every wrong option at once', () => {
    const wrong = {
      ...DEFAULTS,
      channels: 'no spaces',
      replay: 'no-such-file',
      rate: '0',
      port: '70000',
      replicas: '1.5',
    }
    expect(() => planStart(wrong, undefined)).toThrow(Problem)
    for (const option of ['--channels', '--replay', '--rate', '--port', '--replicas']) {
      expect(() => planStart(wrong, undefined)).toThrow(`${option}:`)
    }
  })

  it('does not start with a list of channels that names none, or with a folder to replay', () => {
    expect(() => planStart({ ...DEFAULTS, channels: ', ,' }, undefined)).toThrow('names no channel')
    expect(() => planStart({ ...DEFAULTS, replay: '.' }, undefined)).toThrow('is not a file')
  })
})
