import { test } from '@jest/globals'
import { createBare } from '../support/git-repository.ts'
import { checkMirroring } from '../support/property.ts'

const place = {
  create: () => createBare(),
  inputs: (source: string, destination: string) => ({ 'repository-url': source, 'remote-url': destination }),
}

test('whatever the histories, the destination becomes what the table says, by both transfers alike', async () => {
  await checkMirroring({ place, version: 2, runs: 50 })
}, 600_000)
