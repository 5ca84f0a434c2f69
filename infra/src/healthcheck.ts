import process from 'node:process'

/**
 * What the image's HEALTHCHECK runs: ends with 0 when this container's process answers `/healthz`. The API listens on
 * PORT and the others on HEALTH_PORT, so whichever answers is the one.
 */
const ANSWER_MS_MAX = 4000

const asked = [process.env['PORT'], process.env['HEALTH_PORT']].map(async (port) => {
  const signal = AbortSignal.timeout(ANSWER_MS_MAX)
  const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal })
  if (!response.ok) throw new Error(`port ${port} answers ${response.status}`)
})
try {
  await Promise.any(asked)
} catch {
  process.exitCode = 1
}
