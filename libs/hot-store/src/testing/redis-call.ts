import { once } from 'node:events'
import { connect } from 'node:net'

/** Sends one command around the store, to a unix socket or a port. @returns the answer as text, a line an item. */
export async function redisCall(
  place: string | number,
  ...command: readonly string[]
): Promise<string> {
  const socket = connect(typeof place === 'number' ? { port: place } : { path: place })
  const items = command.map((item) => `$${Buffer.byteLength(item)}\r\n${item}\r\n`)
  socket.end(`*${items.length}\r\n${items.join('')}`) // Redis answers, then sees the end and closes.
  let answer = ''
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString()
  })
  await once(socket, 'close')
  return answer
    .split('\r\n')
    .filter((line) => line !== '' && !/^[*$]/.test(line))
    .map((line) => line.replace(/^[+:-]/, ''))
    .join('\n')
}
