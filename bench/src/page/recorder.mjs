// Runs in the page, before anything else: what is painted when, how long frames take, which lines are drawn.
globalThis.recorder = (() => {
  const state = { firstLineMs: 0, largestMs: 0, frames: [], longTasks: [], lines: [], elements: 0 }
  const seen = new Set()
  // Kept up to date by the browser.
  const all = document.getElementsByTagName('*')
  let isRecording = false
  let lastMs = 0

  new PerformanceObserver((list) => {
    state.largestMs = list.getEntries().at(-1).startTime
  }).observe({ type: 'largest-contentful-paint', buffered: true })
  new PerformanceObserver((list) => {
    if (isRecording) state.longTasks.push(...list.getEntries().map(({ duration }) => duration))
  }).observe({ type: 'longtask' })

  const note = () => {
    const entries = [...document.querySelectorAll('[role=feed] > article')]
    entries.sort((a, b) => Number(a.ariaPosInSet) - Number(b.ariaPosInSet))
    for (const name of entries.map(nameOf)) {
      if (seen.has(name)) continue
      seen.add(name)
      state.lines.push(name)
    }
  }
  const frame = (nowMs) => {
    if (state.firstLineMs === 0 && document.querySelector('[role=feed] > article') !== null) {
      // It was drawn before this frame; it is painted with it.
      state.firstLineMs = nowMs
    }
    if (isRecording) {
      if (lastMs > 0) state.frames.push(nowMs - lastMs)
      note()
      state.elements = Math.max(state.elements, all.length)
    }
    lastMs = nowMs
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)

  return {
    start: () => {
      isRecording = true
    },
    loaded: () => ({ firstLineMs: state.firstLineMs, largestMs: state.largestMs }),
    isAtEnd: () => document.body.textContent.includes('These are the newest messages'),
    lines: () => state.lines,
    timing: ({ frames, longTasks, elements } = state) => ({ frames, longTasks, elements }),
  }
})()

// A line without an id is told by its time and text.
function nameOf(entry) {
  const href = entry.querySelector('a.time')?.getAttribute('href') ?? ''
  return /message=([^&]+)/.exec(href)?.[1] ?? `${href} ${entry.textContent}`
}
