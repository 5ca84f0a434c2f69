import { useState } from 'preact/hooks'

const NAME = 'poglog-admin-key'

/** The admin key, kept until the tab is closed, and what sets it; `undefined` forgets it. */
export function useAdminKey(): readonly [string | undefined, (key: string | undefined) => void] {
  const [key, setKey] = useState(read)
  const keep = (next: string | undefined): void => {
    write(next)
    setKey(next)
  }
  return [key, keep]
}

function read(): string | undefined {
  try {
    return sessionStorage.getItem(NAME) ?? undefined
  } catch {
    // The browser lets the page keep nothing.
    return undefined
  }
}

function write(key: string | undefined): void {
  try {
    if (key === undefined) sessionStorage.removeItem(NAME)
    else sessionStorage.setItem(NAME, key)
  } catch {
    // As in reading: the key is then good until the page is left.
  }
}
