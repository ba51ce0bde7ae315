import {expect, test} from 'vitest'
import {ConnectionBroken, networkFailureOf} from '../../src/network-error.ts'

const failing = (code: string) => Object.assign(new Error(code), {code})

test.each(['EHOSTUNREACH', 'EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER'])(
  '%s before there is a connection: nothing was sent; behind it, something may have been',
  (code) => {
    expect(networkFailureOf(failing(code), 1000)).toMatchObject({isUnsent: true})
    expect(networkFailureOf(new ConnectionBroken('broken', {cause: failing(code)}), 1000)).toEqual({
      reason: `the connection was cut before its answer was complete (${code})`,
      isUnsent: false,
      isTransient: true,
    })
  },
)
