import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { RawRequest } from './hostile-requests.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const ANSWER_MS_MAX = 30_000
const HEAD_CHARACTERS_MAX = 4096

/** The service in a process of its own. */
export class ServiceProcess implements AsyncDisposable {
  readonly url: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.url = url
  }

  static async start(env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
    const { NODE_COMPILE_CACHE } = process.env
    const child = spawn(process.execPath, [MAIN], {
      env: { NODE_COMPILE_CACHE, PORT: '0', LOG_LEVEL: 'info', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const url = await new Promise<string>((resolve, reject) => {
      child.once('exit', (code) => {
        reject(new Error(`the service ended with ${code}`))
      })
      createInterface({ input: child.stdout }).on('line', (line) => {
        const found = /"url":"(http:[^"]+)"/.exec(line)?.[1]
        if (found !== undefined) resolve(found)
      })
    })
    return new ServiceProcess(child, url)
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** The most memory it has had, in MiB. */
  async peakMib(): Promise<number> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isRunning) return
    this.#child.kill()
    await once(this.#child, 'exit')
  }
}

/** Sends a request byte for byte; resolves to the status of its answer, `none` when the connection just ends. */
export async function statusOf(url: string, request: RawRequest): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const timer = setTimeout(() => socket.destroy(), ANSWER_MS_MAX)
  let head = ''
  try {
    socket.on('error', () => undefined)
    socket.write(wireOf(request, hostname), 'latin1')
    socket.on('data', (piece: Buffer) => {
      if (head.length < HEAD_CHARACTERS_MAX) head += piece.toString('latin1')
      // A live tail goes on until its reader leaves.
      if (head.includes('text/event-stream')) socket.destroy()
    })
    await once(socket, 'close')
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
  return /HTTP\/1\.1 (?!100)(\d{3})/.exec(head)?.[1] ?? 'none'
}

function wireOf({ method, target, headers, body }: RawRequest, hostname: string): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`)
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`
  const head = `${method} ${target} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n`
  return `${head}${length}${lines.join('')}\r\n${body}`
}
