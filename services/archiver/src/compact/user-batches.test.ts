import { expect, it } from 'vitest'
import { UserBatches } from './user-batches.ts'

it('gives back all ids in order, in batches of at most 500', () => {
  const users = new UserBatches()
  const ids = Array.from({ length: 1001 }, (_, at) => String(at))
  for (const id of ids) users.add(id)
  const batches = [...users.batches()]
  expect(batches.map(({ length }) => length)).toEqual([500, 500, 1])
  expect(batches.flat()).toEqual(ids)
  expect([...new UserBatches().batches()]).toEqual([])
})
