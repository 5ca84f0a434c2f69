import { setTimeout as delay } from 'node:timers/promises'
import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createLogger } from './logger.ts'
import { runService } from './run-service.ts'
import type { ServiceContext } from './run-service.ts'
import { SettingsError } from './settings.ts'

const log = createLogger({ name: 'test', level: 'silent' })

describe('runService', () => {
  it('disposes in reverse order on SIGTERM and exits 0', async () => {
    const host = fakeHost()
    const closed: string[] = []
    const ended = runService({
      name: 'test',
      host,
      log,
      async run({ resources }) {
        resources.defer(() => void closed.push('first opened'))
        resources.defer(() => void closed.push('last opened'))
        await Promise.resolve()
        setImmediate(() => host.emit('SIGTERM'))
      },
    })
    await ended
    expect(closed).toEqual(['last opened', 'first opened'])
    expect(host.codes).toEqual([0])
  })

  it('tells what runs that it is stopping before it disposes anything', async () => {
    const host = fakeHost()
    let abortedFirst = false
    await runService({
      name: 'test',
      host,
      log,
      run({ resources, stopping, stop }: ServiceContext) {
        resources.defer(() => {
          abortedFirst = stopping.aborted
        })
        stop()
        return Promise.resolve()
      },
    })
    expect(abortedFirst).toBe(true)
  })

  it('prints all wrong settings in one message and exits 78', async () => {
    const host = fakeHost()
    await runService({
      name: 'test',
      host,
      log,
      run: () =>
        Promise.reject(
          new SettingsError([
            { name: 'PORT', problem: 'must be a number' },
            { name: 'HOST', problem: 'is missing' },
          ]),
        ),
    })
    expect(host.codes).toEqual([78])
    expect(host.errors).toEqual([
      'test cannot run, wrong settings:\n  PORT: must be a number\n  HOST: is missing\n',
    ])
  })

  it('exits 78 when a lib says that it is misconfigured', async () => {
    const host = fakeHost()
    const error = Object.assign(new Error('REDIS_URL needs a redis server'), {
      kind: 'misconfigured',
    })
    await runService({ name: 'test', host, log, run: () => Promise.reject(error) })
    expect(host.codes).toEqual([78])
    expect(host.errors.join('')).toContain('REDIS_URL needs a redis server')
  })

  it('exits 1 when the start fails, after disposing what was open', async () => {
    const host = fakeHost()
    let closed = false
    await runService({
      name: 'test',
      host,
      log,
      run({ resources }) {
        resources.defer(() => {
          closed = true
        })
        return Promise.reject(new Error('no route to redis'))
      },
    })
    expect(closed).toBe(true)
    expect(host.codes).toEqual([1])
    expect(host.errors.join('')).toContain('no route to redis')
  })

  it('stops gracefully with the exit code of the error it was stopped with', async () => {
    const host = fakeHost()
    let closed = false
    await runService({
      name: 'test',
      host,
      log,
      run({ resources, stop }) {
        resources.defer(() => {
          closed = true
        })
        stop(new SettingsError([{ name: 'REPLICA_ID', problem: 'is taken' }]))
        return Promise.resolve()
      },
    })
    expect(closed).toBe(true)
    expect(host.codes).toEqual([78])
    expect(host.errors.join('')).toContain('REPLICA_ID: is taken')
  })

  it('exits 1 when stopping takes longer than allowed', async () => {
    const host = fakeHost()
    await runService({
      name: 'test',
      host,
      log,
      stopMsMax: 5,
      run({ resources, stop }) {
        resources.defer(() => new Promise<void>(() => {}))
        stop()
        return Promise.resolve()
      },
    })
    expect(host.codes).toEqual([1])
  })

  it('gives a service the time to stop that it asks for', async () => {
    const host = fakeHost()
    await runService({
      name: 'test',
      host,
      log,
      stopMsMax: 5,
      run({ resources, stop, stopWithin }) {
        resources.defer(() => delay(50))
        stopWithin(5000)
        stop()
        return Promise.resolve()
      },
    })
    expect(host.codes).toEqual([0])
  })

  it('exits at once on a second signal', async () => {
    const host = fakeHost()
    const hang = Promise.withResolvers<void>()
    const ended = runService({
      name: 'test',
      host,
      log,
      run({ resources }) {
        resources.defer(() => hang.promise)
        host.emit('SIGTERM')
        host.emit('SIGINT')
        return Promise.resolve()
      },
    })
    expect(host.codes).toEqual([130])
    hang.resolve()
    await ended
  })

  it.each(['uncaughtException', 'unhandledRejection'])('exits 1 on an %s', async (event) => {
    const host = fakeHost()
    const ended = runService({
      name: 'test',
      host,
      log,
      run({ stop }) {
        host.emit(event, new Error('a bug'))
        stop()
        return Promise.resolve()
      },
    })
    expect(host.codes).toEqual([1])
    await ended
  })
})

/** A process that only remembers its exit codes and what was written to standard error. */
function fakeHost() {
  const emitter = new EventEmitter()
  const codes: number[] = []
  const errors: string[] = []
  return {
    codes,
    errors,
    emit: (event: string, value?: unknown) => emitter.emit(event, value),
    on: (event: string, listener: (value: unknown) => void) => emitter.on(event, listener),
    exit: (code: number) => void codes.push(code),
    writeError: (text: string) => void errors.push(text),
  }
}
