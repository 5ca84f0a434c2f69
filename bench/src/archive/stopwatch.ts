/** Adds up what pieces of work of one kind took: by the clock, and of this thread's processor time. */
export class Stopwatch {
  wallMs = 0
  cpuMs = 0

  async time<Result>(work: () => Promise<Result>): Promise<Result> {
    const cpu = process.threadCpuUsage()
    const startMs = performance.now()
    try {
      return await work()
    } finally {
      this.wallMs += performance.now() - startMs
      const { user, system } = process.threadCpuUsage(cpu)
      this.cpuMs += (user + system) / 1000
    }
  }
}
