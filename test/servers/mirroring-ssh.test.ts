import { afterAll, beforeAll, test } from '@jest/globals'
import { describeMirroring } from '../support/behaviour.ts'
import { sshPlace } from '../support/places.ts'
import { checkMirroring, type Property } from '../support/property.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'

let v2: Sshd
let v1: Sshd
let v0: Sshd
beforeAll(async () => {
  v2 = await startSshd()
  v1 = await startSshd({ gitProtocol: 'version=1' })
  v0 = await startSshd({ acceptGitProtocol: false })
})
afterAll(async () => {
  await Promise.allSettled([v2, v1, v0].map(async server => await server?.stop()))
})

describeMirroring({ name: 'over ssh', transfer: 'relay', version: 2, place: () => sshPlace(v2) })
describeMirroring({ name: 'over ssh', transfer: 'relay', version: 1, place: () => sshPlace(v1) })
describeMirroring({ name: 'over ssh', transfer: 'relay', version: 0, place: () => sshPlace(v0) })
describeMirroring({ name: 'over ssh', transfer: 'git', version: 2, place: () => sshPlace(v2) })
describeMirroring({ name: 'over ssh', transfer: 'git', version: 0, place: () => sshPlace(v0) })

// For each of its connections git starts this program, and what git does then is the same as over https.
test.each<readonly [Property['version'], () => Sshd]>([
  [0, () => v0],
  [1, () => v1],
  [2, () => v2],
])(
  'random histories, by protocol v%d',
  async (version, sshd) => await checkMirroring({ place: sshPlace(sshd()), version, transfers: ['relay'] }),
  300_000,
)
