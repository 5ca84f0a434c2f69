import { afterEach, describe, expect, it, vi } from 'vitest'
import { BackPressure } from './back-pressure.ts'
import { ByteBudget } from './byte-budget.ts'

afterEach(() => {
  vi.useRealTimers()
})

function setup() {
  vi.useFakeTimers()
  const buffer = new ByteBudget(1600)
  const told: string[] = []
  const pressure = new BackPressure({
    buffer,
    reader: { pause: () => told.push('pause'), resume: () => told.push('resume') },
    relieve: () => told.push('relieve'),
    events: { readingPaused: () => undefined },
    nowMs: () => Date.now(),
  })
  const fill = (bytes: number): void => {
    buffer.take(bytes - buffer.usedBytes)
    pressure.check()
  }
  return { told, fill }
}

describe('BackPressure', () => {
  it('pauses for a burst and goes on by itself when Redis has caught up', () => {
    const { told, fill } = setup()
    fill(199)
    expect(told).toEqual([])
    fill(200)
    expect(told).toEqual(['pause'])
    fill(101)
    expect(told).toEqual(['pause'])
    fill(100)
    expect(told).toEqual(['pause', 'resume'])
  })

  it('reads on after a second and makes room on disk instead', () => {
    const { told, fill } = setup()
    fill(200)
    vi.advanceTimersByTime(1100)
    expect(told).toEqual(['pause', 'resume', 'relieve'])
    fill(300)
    expect(told.slice(3)).toEqual(['relieve'])
  })

  it('pauses for at most ten seconds when nothing makes room', () => {
    const { told, fill } = setup()
    fill(200)
    vi.advanceTimersByTime(1100)
    told.length = 0
    fill(1200)
    vi.advanceTimersByTime(9900)
    expect(told.filter((what) => what !== 'relieve')).toEqual(['pause'])
    vi.advanceTimersByTime(200)
    fill(1500)
    expect(told.filter((what) => what !== 'relieve')).toEqual(['pause', 'resume'])
    fill(700)
    fill(1300)
    expect(told.filter((what) => what !== 'relieve')).toEqual(['pause', 'resume', 'pause'])
  })
})
