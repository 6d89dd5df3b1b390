import { test } from '@jest/globals'
import { checkTwoWayTable } from '../support/two-way-rows.ts'

test.each([
  ['relay', {}, true],
  ['relay', {}, false],
  // Over protocol v0, with many refs at few tips. `servers/tables` has the rows that keep divergent refs.
  ['relay', { protocol: 0 }, false],
  // The refs alone decide; what is forced is pushed in another way.
  ['git', {}, false],
] as const)('both ways, the table: %s %j, keep-divergent: %s', async (transfer, options, keepDivergent) => {
  await checkTwoWayTable(transfer, keepDivergent, () => options)
})
