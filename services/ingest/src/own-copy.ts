/**
 * A copy of an ASCII string that does not keep the text alive it was cut from: V8 stores a slice as a
 * pointer into its parent, so that one login in a long-lived map would hold a whole frame of chat.
 */
export function ownCopy(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
