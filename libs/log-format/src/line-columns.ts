/** What a record already knows of its line; `key` is 32 hex digits or `''`, `sentAtMs` -1 for none. */
export interface LineFields {
  readonly channelId: string
  readonly channelLogin: string
  readonly userId: string
  readonly sentAtMs: number
  readonly key: string
}

/**
 * The columns that, with {@link LineFields}, hold one whole line. `null` is absent, which is not the
 * same as empty. Either `shape` is set and the line can be rebuilt from the columns, or `raw` is the
 * line itself.
 */
export interface LineColumns {
  readonly login: string | null
  readonly displayName: string | null
  readonly color: string | null
  readonly badges: string | null
  readonly badgeInfo: string | null
  readonly emotes: string | null
  readonly text: string | null
  readonly tags: string | null
  readonly shape: string | null
  readonly raw: string | null
}

/** Names of {@link LineColumns} that a placeholder of a shape can stand for. */
export type LineColumn = keyof Omit<LineColumns, 'tags' | 'shape' | 'raw'>

export const NO_COLUMNS: LineColumns = {
  login: null,
  displayName: null,
  color: null,
  badges: null,
  badgeInfo: null,
  emotes: null,
  text: null,
  tags: null,
  shape: null,
  raw: null,
}
