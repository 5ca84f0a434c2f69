/** Where lines of a channel go: to nobody while it is not joined. */
export type ReceiverOf<Receiver> = (login: string) => Receiver | undefined

export interface Pace {
  readonly perSecond: number
  readonly tickMs: number
}

const CHANNEL = / #(\w+)/

/**
 * Deals lines out to those who have joined their channels, at an even pace.
 *
 * Yields one map a tick, in order: of the lines whose time comes within it, each receiver's, in order.
 *
 * @throws Error when nobody has joined the channel of a line.
 */
export function* ticksOf<Receiver>(
  lines: Iterable<string>,
  { perSecond, tickMs }: Pace,
  receiverOf: ReceiverOf<Receiver>,
): Generator<ReadonlyMap<Receiver, readonly string[]>> {
  let tick = new Map<Receiver, string[]>()
  let endMs = tickMs
  let index = 0
  for (const line of lines) {
    for (; (index * 1000) / perSecond >= endMs; endMs += tickMs) {
      yield tick
      tick = new Map()
    }
    const receiver = receiverOf(CHANNEL.exec(line)?.[1] ?? '')
    if (receiver === undefined) throw new Error(`nobody has joined the channel of: ${line}`)
    const given = tick.get(receiver)
    if (given === undefined) tick.set(receiver, [line])
    else given.push(line)
    index += 1
  }
  yield tick
}
