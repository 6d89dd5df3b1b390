import { afterAll, beforeAll, test } from '@jest/globals'
import { describeMirroring } from '../support/behaviour.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { httpsPlace } from '../support/places.ts'
import { checkMirroring, type Property } from '../support/property.ts'

let http: GitHttp
beforeAll(async () => {
  http = await startGitHttp()
})
afterAll(async () => await http?.stop())

describeMirroring({ name: 'over https', transfer: 'relay', version: 2, place: () => httpsPlace(http, 'git') })
describeMirroring({ name: 'over https', transfer: 'relay', version: 1, place: () => httpsPlace(http, 'v1') })
describeMirroring({ name: 'over https', transfer: 'relay', version: 0, place: () => httpsPlace(http, 'v0') })
describeMirroring({ name: 'over https', transfer: 'git', version: 2, place: () => httpsPlace(http, 'git') })
describeMirroring({ name: 'over https', transfer: 'git', version: 1, place: () => httpsPlace(http, 'v1') })
describeMirroring({ name: 'over https', transfer: 'git', version: 0, place: () => httpsPlace(http, 'v0') })

// The older versions only read differently, which git does for us.
test.each<Property['version']>([0, 1, 2])(
  'random histories, by protocol v%d',
  async version => {
    const transfers = version === 2 ? (['relay', 'git'] as const) : (['relay'] as const)
    await checkMirroring({ place: httpsPlace(http, version === 2 ? 'git' : `v${version}`), version, transfers })
  },
  300_000,
)
