import { openObjectStore } from '../src/index.ts'

/** Puts objects as fast as it can until it is killed; object `n` is 2 MB of byte `n`, in 200 writes. */
const [url = ''] = process.argv.slice(2)
const store = await openObjectStore({ url })
process.stdout.write('ready\n')
for (let number = 0; ; number += 4) {
  const numbers = [number, number + 1, number + 2, number + 3]
  await Promise.all(
    numbers.map(async (n) => {
      const piece = new Uint8Array(10_000).fill(n & 0xff)
      const pieces = Array.from({ length: 200 }, () => piece)
      await store.put(`day=${n % 3}/object-${n}`, pieces)
      process.stdout.write(`stored day=${n % 3}/object-${n}\n`)
    }),
  )
}
