import { SettingsError } from '@poglog/service-kit'
import { describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'

describe('readConfig', () => {
  it('needs nothing, and is anonymous then', () => {
    expect(readConfig({})).toMatchObject({
      twitchUrl: 'wss://irc-ws.chat.twitch.tv:443',
      account: undefined,
      channels: [],
      joins: { joinsMax: 20, windowMs: 10_000 },
    })
  })

  it('takes channels as people write them', () => {
    expect(readConfig({ CHANNELS: ' #Forsen, nymn,,' }).channels).toEqual(['forsen', 'nymn'])
  })

  it('lists everything that is wrong, and never a secret', () => {
    const env = { CHANNELS: 'a b', TWITCH_URL: 'http://x', TWITCH_TOKEN: 'geheim', SHARDS: '0' }
    const error = catchError(() => readConfig(env))
    expect(error).toBeInstanceOf(SettingsError)
    for (const name of ['CHANNELS', 'TWITCH_URL', 'SHARDS']) expect(String(error)).toContain(name)
    expect(String(error)).not.toContain('geheim')
  })

  it('wants a user name and a token together, and a silence longer than a PONG may take', () => {
    expect(() => readConfig({ TWITCH_TOKEN: 'x' })).toThrow('TWITCH_USERNAME')
    expect(() => readConfig({ TWITCH_TOKEN_FILE: '/x' })).toThrow('TWITCH_USERNAME')
    expect(() => readConfig({ TWITCH_USERNAME: 'x' })).toThrow('TWITCH_TOKEN')
    const both = { TWITCH_USERNAME: 'x', TWITCH_TOKEN: 'y', TWITCH_TOKEN_FILE: '/x' }
    expect(() => readConfig(both)).toThrow('TWITCH_TOKEN_FILE')
    expect(() => readConfig({ SILENCE_MS_MAX: '6000' })).toThrow('PONG_MS_MAX')
  })
})

function catchError(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}
