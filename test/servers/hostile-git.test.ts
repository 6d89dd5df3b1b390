// Servers that speak git's protocol to a point, and then none that any client can use. Each phase, each behaviour, over SSH and over HTTPS, as source and as destination.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { inTime, settle, stopClock, until } from '../support/clock.ts'
import { DESTINATION_ROWS, type GitRow, SOURCE_ROWS } from '../support/hostile-git-rows.ts'
import { failureOf, httpsTo, issueCertificates, MOST_TAKEN, mirrorSide, sshTo } from '../support/hostile-sides.ts'
import { type HostileSsh, startHostileSsh } from '../support/hostile-ssh.ts'
import { type HostileWeb, startHostileWeb } from '../support/hostile-web.ts'

let ssh: HostileSsh
let web: HostileWeb
let ca: string
beforeAll(async () => {
  const certificates = await issueCertificates()
  ca = certificates.ca
  ssh = await startHostileSsh()
  web = await startHostileWeb(certificates)
})
afterAll(() => {
  ssh?.stop()
  web?.stop()
})
stopClock()
beforeEach(() => {
  for (const server of [ssh, web]) server.reset()
})
const TABLE = [
  ['source', SOURCE_ROWS],
  ['destination', DESTINATION_ROWS],
] as const

describe.each(['ssh', 'https'])('over %s', protocol => {
  describe.each(TABLE)('the %s', (role, rows) => {
    const kindOf = (row: GitRow) => (protocol === 'ssh' ? row.kind : row.overHttps)
    test.each(rows.map(row => [row.phase, row.what, kindOf(row), row] as const))('%s: %s: %s', async (_, __, kind, row: GitRow) => {
      const server = protocol === 'ssh' ? ssh : web
      server.plan = { greeting: row.greeting, answers: row.answers }
      const transport = protocol === 'ssh' ? sshTo(ssh, role) : httpsTo(web, ca, role)
      const failing = failureOf(mirrorSide(transport, role))
      if (row.isTime) {
        await until(() => server.noted.isWaiting)
        await settle()
        await inTime(failing)
      }
      expect(await failing).toMatchObject({ kind, side: role === 'source' ? 'here' : 'there' })
      expect(server.noted.taken).toBeLessThan(MOST_TAKEN)
      // The server itself closes nothing here that it was not asked to.
      transport.close()
      await until(() => server.open() === 0)
    })
  })
})
