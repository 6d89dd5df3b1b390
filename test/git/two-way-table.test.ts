import { test } from '@jest/globals'
import { checkTwoWayTable } from '../support/two-way-rows.ts'

test.each([
  ['relay', {}, true],
  ['relay', {}, false],
  // Where all refs have one of a few tips, and no server tells which of them are one. `servers/tables` keeps what diverged.
  ['relay', { protocol: 0 }, false],
  // The refs alone decide; what is forced is pushed in another way.
  ['git', {}, false],
] as const)('both ways, the table: %s %j, keep-divergent: %s', async (transfer, options, keepDivergent) => {
  await checkTwoWayTable(transfer, keepDivergent, () => options)
})
