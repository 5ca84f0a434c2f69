/** Runs `task` again and again, `intervalMs` after it ended, until disposed. A run under way may still end later. */
export function every(intervalMs: number, task: () => void | Promise<void>): Disposable {
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  const schedule = (): void => {
    if (!isStopped) timer = setTimeout(() => void run(), intervalMs)
  }
  const run = async (): Promise<void> => {
    await task()
    schedule()
  }
  schedule()
  return {
    [Symbol.dispose]() {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
