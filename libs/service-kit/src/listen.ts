import type { Server } from 'node:net'
import { SettingsError } from './settings.ts'

/** Where to listen. `setting` names the variable that holds the port, for the message when it is busy. */
export interface ListenAddress {
  readonly port: number
  readonly host: string
  readonly setting: string
}

/**
 * Binds a server and resolves to its port, which is a free one when `port` is 0.
 *
 * @throws {SettingsError} when the port is busy or may not be used; the message says what to do.
 */
export async function listen(
  server: Server,
  { port, host, setting }: ListenAddress,
): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ port, host }, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    throw explain(error, { port, host, setting })
  }
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}

function explain(error: unknown, { port, host, setting }: ListenAddress): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const wrong = (name: string, problem: string): SettingsError =>
    new SettingsError([{ name, problem }], { cause: error })
  switch (code) {
    case 'EADDRINUSE':
      return wrong(
        setting,
        `port ${port} on ${host} is in use by another program; stop it or set ${setting} to a free port (0 takes any)`,
      )
    case 'EACCES':
      return wrong(
        setting,
        `this user may not listen on port ${port}; set ${setting} to a port of 1024 or more`,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return wrong(
        'HOST',
        `${host} is no address of this machine; set HOST to 127.0.0.1, or to 0.0.0.0 for all addresses`,
      )
    default:
      return error
  }
}
