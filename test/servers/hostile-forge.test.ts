// The API of a forge that is no HTTPS server. scenarios/hostile-services.test.ts has the others.
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type ForgeApi, withForgeApi } from '../../src/forge/api.ts'
import { FORGE_TOTAL_BYTES } from '../../src/limits/limits.ts'
import { inTime, settle, stopClock, until } from '../support/clock.ts'
import { TOO_MUCH } from '../support/hostile-bytes.ts'
import { failureOf, IDLE_MS, issueCertificates } from '../support/hostile-sides.ts'
import { type HostileWeb, startHostileWeb } from '../support/hostile-web.ts'
import { FORGE_KIND, listOf, WEB_ROWS, ZIPPED } from '../support/hostile-web-rows.ts'
import { settingsFrom } from '../support/settings.ts'

let web: HostileWeb
let ca: string
beforeAll(async () => {
  const certificates = await issueCertificates()
  ca = certificates.ca
  web = await startHostileWeb(certificates)
})
afterAll(() => web?.stop())
stopClock()
beforeEach(() => web.reset())

/** Asks a forge for a list, as the run does for the protected branches. */
async function askForge(work: (api: ForgeApi) => Promise<unknown>): Promise<void> {
  const settings = settingsFrom({ 'repository-url': `${web.origin}/o/r`, 'remote-url': 'https://example.org/r', 'ca-certificate': ca })
  const context = {
    token: null,
    location: { kind: 'github', base: web.origin, repository: 'o/r' } as const,
    ...{ environment: {}, hide: (text: string) => text, debug: () => {}, signal: new AbortController().signal },
    ...{ idleTimeoutMs: IDLE_MS, limitMs: 60_000, limitBytes: FORGE_TOTAL_BYTES },
    purpose: { kind: FORGE_KIND, problem: 'it cannot be read', hint: 'give another token' },
  }
  await withForgeApi(settings, context, work)
}

describe('the forge', () => {
  const rows = WEB_ROWS.filter(([, , , { raw }]) => raw !== undefined)
  test.each(rows)('%s: %s: %s', async (_, __, kind, plan) => {
    web.plan = plan
    const failing = failureOf(askForge(api => api.list('/repos/o/r/branches', entry => entry)))
    if (kind === 'timed-out') {
      await until(() => web.noted.isWaiting)
      await settle()
      await inTime(failing)
    }
    const failure = await failing
    expect(failure).toMatchObject({ kind })
    expect(failure.message.length + (failure.detail?.length ?? 0)).toBeLessThan(2 ** 17)
    expect(web.noted.taken).toBeLessThan(TOO_MUCH)
    await until(() => web.open() === 0)
  })

  test('a list of large pages is not read to its end', async () => {
    web.plan = listOf(20, ZIPPED, gzipSync(`[${'1,'.repeat(2 ** 21)}1]`))
    const failure = await failureOf(askForge(api => api.list('/repos/o/r/branches', entry => entry)))
    expect(failure).toMatchObject({ kind: FORGE_KIND, message: expect.stringContaining('gives an answer that does not end') })
  })
})
