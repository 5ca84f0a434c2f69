import type { Locator } from 'playwright-core'
import { expect } from 'vitest'

const GLANCE_MS = 1000

/** Waits until an element holds a text; how much space lies between words does not matter. */
export async function see(element: Locator, text: string): Promise<void> {
  const look = async (): Promise<string> => {
    const seen = await element.textContent({ timeout: GLANCE_MS }).catch(String)
    return seen?.replaceAll(/\s+/g, ' ') ?? ''
  }
  await expect.poll(look).toContain(text)
}

/** How well a text stands out from what lies behind it, 1 to 21. @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
export async function contrastOf(element: Locator): Promise<number> {
  const [text, ground] = await element.evaluate((start) => {
    const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
    if (context === null) throw new Error('no canvas')
    const paint = (color: string): void => {
      context.fillStyle = color
      context.fillRect(0, 0, 1, 1)
    }
    const lightness = (): number => {
      const [red = 0, green = 0, blue = 0] = [...context.getImageData(0, 0, 1, 1).data].map(
        (value) => (value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4),
      )
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    const behind: string[] = []
    for (let at: Element | null = start; at !== null; at = at.parentElement) {
      behind.unshift(getComputedStyle(at).backgroundColor)
    }
    behind.forEach(paint)
    const below = lightness()
    paint(getComputedStyle(start).color)
    return [lightness(), below] as const
  })
  return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05)
}

/** Whether somebody sees the whole of an element without scrolling. */
export async function isInView(element: Locator): Promise<boolean> {
  return await element.evaluate(async (seen) => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const observer = new IntersectionObserver(([entry]) => {
      observer.disconnect()
      resolve((entry?.intersectionRatio ?? 0) > 0.99)
    })
    observer.observe(seen)
    return await promise
  })
}
