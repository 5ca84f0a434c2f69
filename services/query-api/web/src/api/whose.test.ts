import { describe, expect, it } from 'vitest'
import { whosePath } from './whose.ts'

describe('the path of what is asked', () => {
  it('is of a channel, narrowed to a user', () => {
    expect(whosePath({ channel: 'forsen' }, 'words/top')).toEqual({
      path: '/channel/forsen/words/top',
      narrowed: {},
    })
    expect(whosePath({ channel: 'id:1', user: '123' }, 'activity')).toEqual({
      path: '/channel/1/activity',
      narrowed: { user: 'login:123' },
    })
  })

  it('is of a user over all channels', () => {
    expect(whosePath({ user: 'nymn' }, 'stats')).toEqual({ path: '/user/nymn/stats', narrowed: {} })
  })
})
