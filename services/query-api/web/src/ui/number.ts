const NUMBER = new Intl.NumberFormat('en-GB')

/** `12,345` */
export const numberText = (value: number): string => NUMBER.format(value)

/** `12,345 messages`, `1 message`, `no messages` */
export function countText(count: number, what: string): string {
  if (count === 0) return `no ${what}s`
  return `${numberText(count)} ${what}${count === 1 ? '' : 's'}`
}
