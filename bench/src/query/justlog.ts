import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { wordInLine } from '../archive/facts.ts'
import { channelDayFile, userFile } from '../archive/justlog.ts'
import type { Peer, Questions } from './questions.ts'

const MESSAGE = /^@(\S+) :([^!\s]+)\S* PRIVMSG #(\S+) :(.*)$/s
const SENT = /tmi-sent-ts=(\d+)/
const USER = /(?:^|;)user-id=(\d+)/

/**
 * Answers the questions on justlog's files the way justlog does: unpack the file of the channel's day or user's month,
 * look at each line. What it has no file for (a word, a user everywhere) is a scan of all the files that can have it.
 */
export function justlogPeer(dir: string, { facts, days }: Questions): Peer {
  const { channelId } = facts
  const monthMs = facts.day.startMs
  return {
    name: 'justlog',
    userInChannel: async (userId) =>
      await countLines([join(dir, userFile(channelId, userId, monthMs))]),
    userOverall: async (userId) => {
      const channels = await readdir(dir)
      return await countLines(channels.map((id) => join(dir, userFile(id, userId, monthMs))))
    },
    channelDay: async () =>
      await countLines([join(dir, channelDayFile(channelId, facts.day.startMs))]),
    word: async (word) => {
      let count = 0
      for (const dayMs of days) {
        const path = join(dir, channelDayFile(channelId, dayMs))
        await eachLine(path, (line) => {
          count += wordInLine(line, word, channelId)
        })
      }
      return count
    },
  }
}

/** How many lines of text the files give, each parsed and written as `[time] #channel login: text`. */
async function countLines(paths: readonly string[]): Promise<number> {
  let lines = 0
  let characters = 0
  for (const path of paths) {
    await eachLine(path, (line) => {
      lines += 1
      characters += textOf(line).length
    })
  }
  if (lines > 0 && characters === 0) throw new Error('lines without text')
  return lines
}

function textOf(line: string): string {
  const [, tags = '', login = '', channel = '', text = ''] = MESSAGE.exec(line) ?? []
  if (login === '') return line
  const sent = new Date(Number(SENT.exec(tags)?.[1])).toISOString().slice(0, 19).replace('T', ' ')
  return USER.test(tags) ? `[${sent}] #${channel} ${login}: ${text}` : line
}

async function eachLine(path: string, take: (line: string) => void): Promise<void> {
  const file = createReadStream(path)
  const unpacked = file.on('error', (error) => unpacked.destroy(error)).pipe(createGunzip())
  try {
    for await (const line of createInterface({ input: unpacked })) take(line)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
