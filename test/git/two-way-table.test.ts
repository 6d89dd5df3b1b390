import { describe, test } from '@jest/globals'
import { checkTwoWayTable } from '../support/two-way-rows.ts'

describe.each([
  ['relay', {}],
  // Where all refs have one of a few tips, and no server tells which of them are one.
  ['relay', { protocol: 0 }],
  ['git', {}],
] as const)('both ways: %s %j', (transfer, options) => {
  test.each([true, false])('the table, keep-divergent: %s', async keepDivergent => {
    await checkTwoWayTable(transfer, keepDivergent, () => options)
  })
})
