import { afterAll, beforeAll, test } from '@jest/globals'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { httpsPlace, sshPlace } from '../support/places.ts'
import { checkMirroring, type Property } from '../support/property.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'

let sshds: readonly Sshd[]
let http: GitHttp
beforeAll(async () => {
  sshds = await Promise.all([startSshd({ acceptGitProtocol: false }), startSshd({ gitProtocol: 'version=1' }), startSshd()])
  http = await startGitHttp()
})
afterAll(async () => {
  await Promise.allSettled([...(sshds ?? []), http].map(async server => await server?.stop()))
})

/** A few of the histories that the test without servers takes many of; the older versions only read differently. */
const runsOf = (version: Property['version']): number => (version === 2 ? 6 : 2)

test.each<Property['version']>([0, 1, 2])(
  'whatever the histories, over ssh and protocol v%d',
  async version => {
    const sshd = sshds[version]
    if (sshd === undefined) throw new Error('no server')
    // For each of its connections git starts this program, and what git does then is the same as over https.
    await checkMirroring({ place: sshPlace(sshd), version, runs: runsOf(version), transfers: ['relay'] })
  },
  300_000,
)

test.each<Property['version']>([0, 1, 2])(
  'whatever the histories, over https and protocol v%d',
  async version => await checkMirroring({ place: httpsPlace(http, version === 2 ? 'git' : `v${version}`), version, runs: runsOf(version) }),
  300_000,
)
