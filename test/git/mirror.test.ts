import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { describeMirroring, type Place } from '../support/behaviour.ts'
import { commit, createBare } from '../support/git-repository.ts'
import { runMirror } from '../support/mirror.ts'
import { checkMirroring } from '../support/property.ts'

const LOCAL: Place = {
  create: options => createBare(undefined, options),
  inputs: (source, destination) => ({ 'repository-url': source, 'remote-url': destination }),
}

describeMirroring({ name: 'on one machine', transfer: 'relay', version: 2, place: () => LOCAL })
describeMirroring({ name: 'on one machine', transfer: 'git', version: 2, place: () => LOCAL })

test.each(['relay', 'git'])('the private directory is gone afterwards: %s', async transfer => {
  const [source, destination] = [await createBare(), await createBare()]
  await commit(source, 'main')
  const temporary = join(source, '..')
  const before = readdirSync(temporary)
  await runMirror({ ...LOCAL.inputs(source, destination), transfer })
  expect(readdirSync(temporary)).toEqual(before)
})

test('random histories: the destination becomes what the table says, by both transfers alike', async () => {
  await checkMirroring({ place: LOCAL, version: 2, runs: 12 })
}, 600_000)
