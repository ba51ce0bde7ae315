import {expect, test} from 'vitest'
import {emptyState} from '../../../src/database/inspect.ts'
import {nextTimestamps} from '../../../src/migrator/ledger.ts'

const after = (latest: string) => nextTimestamps({...emptyState, latestTimestamp: Date.parse(latest)}, 2)

test('timestamps rise strictly above the latest of the ledger, also where that lies in the future', () => {
  expect(after('2999-12-31T23:59:59.999Z')).toEqual(['3000-01-01T00:00:00.000Z', '3000-01-01T00:00:00.001Z'])
})

test.for(['9999-12-31T23:59:59.999Z', '+275760-09-13T00:00:00.000Z'])('timestamps stay ones that sort as text behind the others after %s', (latest) => {
  expect(after(latest)).toEqual(['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'])
})
