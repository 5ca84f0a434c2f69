import { performance } from 'node:perf_hooks'
import type { ReplicaLoad } from '@poglog/hot-store'

/** Tells how busy this replica has been since it was asked last. */
export class LoadMeter {
  readonly #counts: () => { readonly channels: number; readonly lines: number }
  #loop = performance.eventLoopUtilization()
  #lines = 0
  #atMs = performance.now()

  /** @param counts channels received now, and lines taken since the start. */
  constructor(counts: () => { readonly channels: number; readonly lines: number }) {
    this.#counts = counts
  }

  take(): ReplicaLoad {
    const loop = performance.eventLoopUtilization()
    const { utilization: utilisation } = performance.eventLoopUtilization(loop, this.#loop)
    const { channels, lines } = this.#counts()
    const nowMs = performance.now()
    const seconds = Math.max(0.001, (nowMs - this.#atMs) / 1000)
    const messagesPerSecond = Math.round((lines - this.#lines) / seconds)
    this.#loop = loop
    this.#lines = lines
    this.#atMs = nowMs
    return { channels, messagesPerSecond, utilisation: Math.min(1, Math.max(0, utilisation)) }
  }
}
