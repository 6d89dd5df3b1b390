// Servers that speak git's protocol to a point, and then say more than any limit allows: each limit is small here. scenarios/hostile.test.ts has the other behaviours, and some of the real limits.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { stopClock, until } from '../support/clock.ts'
import { DESTINATION_ROWS, planOf, SOURCE_ROWS } from '../support/hostile-git-rows.ts'
import { failureOf, type HostileServers, httpsTo, MOST_TAKEN, mirrorSide, sshTo, startHostileServers } from '../support/hostile-sides.ts'

let servers: HostileServers
beforeAll(async () => {
  servers = await startHostileServers()
})
afterAll(() => servers?.stop())
stopClock()
beforeEach(() => {
  for (const server of [servers.ssh, servers.web]) server.reset()
})
const TABLE = [
  ['source', SOURCE_ROWS],
  ['destination', DESTINATION_ROWS],
] as const

describe.each(['ssh', 'https'])('over %s', protocol => {
  describe.each(TABLE)('the %s', (role, rows) => {
    const far = rows.filter(({ isFar }) => isFar).map(row => [row.phase, row.what, row.kind, row] as const)
    test.each(far)('%s: %s: %s', async (_, __, kind, row) => {
      const { ssh, web, ca } = servers
      const server = protocol === 'ssh' ? ssh : web
      server.plan = planOf(role, row)
      const transport = protocol === 'ssh' ? sshTo(ssh, role) : httpsTo(web, ca, role)
      const failure = await failureOf(mirrorSide(transport, role))
      expect(failure).toMatchObject({ kind, side: role === 'source' ? 'here' : 'there' })
      expect(server.noted.taken).toBeLessThan(MOST_TAKEN)
      // The server itself closes nothing here that it was not asked to.
      transport.close()
      await until(() => server.open() === 0)
    })
  })
})
