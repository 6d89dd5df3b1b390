// Servers that speak git's protocol to a point, and then none that any client can use. Each phase, each behaviour, over SSH and over HTTPS, as source and as destination.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { inTime, settle, stopClock, until } from '../support/clock.ts'
import { commit, createBare } from '../support/git-repository.ts'
import { compressed, type Endless, forever, type Script, say } from '../support/hostile-bytes.ts'
import { CAPABLE, DESTINATION_ROWS, EMPTY, ENDLESS, type GitRow, SOURCE_ROWS } from '../support/hostile-git-rows.ts'
import { failureOf, type HostileServers, httpsTo, MOST_TAKEN, mirrorSide, sshTo, startHostileServers } from '../support/hostile-sides.ts'
import type { WebPlan } from '../support/hostile-web.ts'
import { runMirror } from '../support/mirror.ts'

let servers: HostileServers
beforeAll(async () => {
  servers = await startHostileServers()
})
afterAll(() => servers?.stop())
beforeEach(() => {
  for (const server of [servers.ssh, servers.web]) server.reset()
})
const TABLE = [
  ['source', SOURCE_ROWS],
  ['destination', DESTINATION_ROWS],
] as const

describe.each(['ssh', 'https'])('over %s', protocol => {
  stopClock()
  describe.each(TABLE)('the %s', (role, rows) => {
    const kindOf = (row: GitRow) => (protocol === 'ssh' ? row.kind : row.overHttps)
    test.each(rows.map(row => [row.phase, row.what, kindOf(row), row] as const))('%s: %s: %s', async (_, __, kind, row: GitRow) => {
      const { ssh, web, ca } = servers
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

describe('git itself reads', () => {
  /** Bytes after which a server cuts the connection. Compressed, as in HTTP here, they are a gigabyte. */
  const MOST_SENT = { ssh: 2 ** 27, web: 2 ** 24 }

  type Role = (typeof TABLE)[number][0]

  async function judge(role: Role, url: string, secret: string): Promise<void> {
    const { ssh, web, ca } = servers
    for (const name of ['ssh', 'web'] as const) Object.assign(servers[name].noted, { most: MOST_SENT[name] })
    const good = await createBare()
    await commit(good, 'main', { files: { a: '1' } })
    const sides: RawInputs =
      role === 'source'
        ? { 'repository-url': url, token: secret, 'remote-url': good }
        : { 'repository-url': good, 'remote-url': url, 'auth-secret': secret }
    const inputs = { ...sides, transfer: 'git', lfs: 'false', 'known-host-keys': ssh.knownHosts, 'ca-certificate': ca }
    const { failure } = await runMirror(inputs)
    expect(failure).toMatchObject({ kind: 'answer-too-large', side: role === 'source' ? 'here' : 'there' })
    await until(() => ssh.open() + web.open() === 0)
  }

  /** A server that gives good answers, then one without an end. */
  const answering = (good: readonly Script[], last: Endless): WebPlan => {
    const left = [...good]
    return {
      answer: ({ url = '', method }, response) => {
        const [, service] = /git-((?:upload|receive)-pack)/.exec(url) ?? []
        const script = left.shift()
        const type = `application/x-git-${service}-${method === 'GET' ? 'advertisement' : 'result'}`
        response.writeHead(200, { 'content-type': type, 'content-encoding': script === undefined ? 'gzip' : 'identity' })
        void say(response, script ?? compressed(last), servers.web.noted)
      },
    }
  }

  test.each<[string, Role, WebPlan]>([
    ['100 Continue without an end', 'source', { bytes: [forever(Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'))] }],
    ['refs without an end, in protocol v2', 'source', answering([CAPABLE], ENDLESS.refsOfV2)],
    ['refs without an end, once it is pushed to', 'destination', answering([CAPABLE, EMPTY], ENDLESS.refs)],
  ])('over https: %s', async (_, role, plan) => {
    const { web } = servers
    web.plan = plan
    await judge(role, `${web.origin}/r.git`, 'hunter2-of-the-hostile-server')
  })

  test('over ssh: refs without an end, once it is pushed to', async () => {
    const { ssh } = servers
    const [first, next] = ENDLESS.refs
    ssh.plan = { greeting: CAPABLE, answers: [EMPTY], receive: [first, forever(next)] }
    await judge('destination', `ssh://git@127.0.0.1:${ssh.target.port}/r`, ssh.privateKey)
  })
})
