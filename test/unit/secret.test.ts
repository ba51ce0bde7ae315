import {expect, test} from 'vitest'
import {serverWords} from '../../src/secret.ts'

test.each([
  ['bad token eyJhbGciOiJFZERTQSIsInR5cCI6Ik', 'bad token …'],
  ['database with same name already exists.', 'database with same name already exists'],
  ['organization live-butterfly-and-condor-desk not found', 'organization live-butterfly-and-condor-desk not found'],
  ['a\u001b[31m b\u202ec\nd', 'a [31m b c d'],
  ['<html>', ''],
  ['see eyJhbGciOiJFZERTQSJ9.eyJhIjoicnci.xx', ''],
])('of what a server says, %j, is shown %j', (text, shown) => {
  expect(serverWords(text)).toBe(shown)
})
