import type { RecordType } from '@poglog/log-format'

/** The types that rustlog and justlog store, and so the rows that their clients expect and count. */
export const ROW_TYPES: ReadonlySet<RecordType> = new Set(['PRIVMSG', 'USERNOTICE', 'CLEARCHAT'])
