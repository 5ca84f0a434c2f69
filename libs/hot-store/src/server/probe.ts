import { connect, type NetConnectOpts } from 'node:net'

const ANSWER_MS = 1000

/** Sends one command and returns the first line of the answer; `undefined` when nobody answers. */
export async function ask(address: NetConnectOpts, command: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const socket = connect(address)
  let answer = ''
  socket.setTimeout(ANSWER_MS, () => resolve(undefined))
  socket.on('error', () => resolve(undefined))
  socket.on('close', () => resolve(undefined))
  socket.on('connect', () => socket.write(`${command}\r\n`))
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('utf8')
    if (answer.includes('\r\n')) resolve(answer.split('\r\n', 1)[0])
  })
  try {
    return await promise
  } finally {
    socket.destroy()
  }
}
