import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { World, until } from './world.ts'

const SOURCE = { kind: 'generate', seed: 1, channels: 3, messagesPerSecond: 10 } as const

describe('ingest with an account', () => {
  it('logs in with the token that the file holds now, once a wrong one was renewed', async () => {
    await using world = await World.create()
    await world.startRedis()
    const sim = await world.startSim({ source: SOURCE, accounts: { poglog_bot: 'right' } })
    const tokenFile = join(world.dir, 'token')
    await writeFile(tokenFile, 'wrong\n')
    const ingest = await world.startIngest(sim, {
      TWITCH_USERNAME: 'poglog_bot',
      TWITCH_TOKEN_FILE: tokenFile,
    })
    await until('the login is refused', () => world.told('login refused').length > 1)
    expect(ingest.status().channels.joined).toBe(0)
    await writeFile(tokenFile, 'right\n')
    await until('all are joined', () => ingest.status().channels.joined === 3)
    expect(world.told('token changed, the next connection takes it').length).toBe(1)
    expect(sim.connections().map(({ nick }) => nick)).toEqual(['poglog_bot'])
    expect(JSON.stringify(world.log)).not.toContain('"right"')
  })
})
