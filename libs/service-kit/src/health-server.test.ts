import { describe, expect, it, vi } from 'vitest'
import { answerHealth } from './health-server.ts'
import { createMetrics } from './metrics.ts'

const { registry, counter, gauge } = createMetrics('poglog_test_')
const up = () => Promise.resolve()
const down = () => Promise.reject(new Error('refused'))
const hang = () => new Promise<void>(() => {})

describe('the health server', () => {
  it('is alive whatever its checks say', async () => {
    expect(await answerHealth('/healthz', { ready: { redis: down }, registry })).toMatchObject({
      status: 200,
    })
  })

  it('is ready when every check passes', async () => {
    expect(await answerHealth('/readyz?x=1', { ready: { redis: up }, registry })).toMatchObject({
      status: 200,
    })
  })

  it('answers 503 with the names of the checks that failed', async () => {
    const answer = await answerHealth('/readyz', { ready: { redis: up, store: down }, registry })
    expect(answer.status).toBe(503)
    expect(JSON.parse(answer.body)).toEqual({ status: 'unavailable', failed: ['store'] })
  })

  it('counts a check that never answers as failed', async () => {
    vi.useFakeTimers()
    const answer = answerHealth('/readyz', { ready: { redis: hang }, registry })
    await vi.advanceTimersByTimeAsync(2000)
    expect((await answer).status).toBe(503)
    vi.useRealTimers()
  })

  it('is not ready while stopping', async () => {
    const stopping = AbortSignal.abort()
    expect(await answerHealth('/readyz', { ready: {}, registry, stopping })).toMatchObject({
      status: 503,
    })
  })

  it('shows metrics with their prefix', async () => {
    counter({ name: 'things_total', help: 'Things.' }).inc(2)
    gauge({ name: 'age_seconds', help: 'Age.', collect: (self) => self.set(7) })
    const { body } = await answerHealth('/metrics', { ready: {}, registry })
    expect(body).toContain('poglog_test_things_total 2')
    expect(body).toContain('poglog_test_age_seconds 7')
    expect(body).toContain('process_resident_memory_bytes')
  })

  it('answers 404 to anything else', async () => {
    expect(await answerHealth('/etc/passwd', { ready: {}, registry })).toMatchObject({
      status: 404,
    })
  })
})
