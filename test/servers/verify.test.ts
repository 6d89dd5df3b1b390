import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, createBare, git, refsOf } from '../support/git-repository.ts'
import { runMirror } from '../support/mirror.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'

let sshd: Sshd
let http: GitHttp
beforeAll(async () => {
  sshd = await startSshd()
  http = await startGitHttp()
})
afterAll(async () => {
  await Promise.allSettled([sshd, http].map(async server => await server?.stop()))
})

test.each(['relay', 'git'])(
  'over ssh and https, with rights to read alone, a verification costs one look at each side: %s',
  async transfer => {
    const name = `verify-${transfer}`
    const there = await http.createRepository(name)
    const here = await createBare()
    await commit(here, 'main')
    await git(here, ['push', '-q', '--mirror', there])
    const run = async () => {
      const [connections, requests] = [sshd.connections(), (await http.requests()).length]
      const report = await runMirror({
        ...{ operation: 'verify', 'repository-url': sshd.url(here), token: sshd.readOnlyKey, 'known-host-keys': sshd.knownHosts },
        ...{ 'remote-url': http.url(name), username: http.user, 'auth-secret': http.token, 'ca-certificate': http.caPem, transfer },
      })
      const asked = (await http.requests()).slice(requests).filter(({ status }) => status === 200)
      return { report, connections: sshd.connections() - connections, asked: asked.map(({ method, path }) => `${method} ${path}`) }
    }
    const equal = await run()
    expect(equal).toMatchObject({ report: { status: 'up-to-date', inSync: true }, connections: 1 })
    expect(equal.asked).toEqual([
      expect.stringMatching(/^GET .*\/info\/refs\?service=git-upload-pack$/),
      expect.stringMatching(/^POST .*\/git-upload-pack$/),
    ])

    await commit(here, 'main')
    const tips = [await refsOf(here), await refsOf(there)]
    const behind = await run()
    expect(behind.report).toMatchObject({ status: 'partial', inSync: false, outcomes: { main: 'skipped behind' } })
    expect(behind.asked.join()).not.toContain('receive-pack')
    expect([await refsOf(here), await refsOf(there)]).toEqual(tips)
  },
)

test('debug logging tells who the server was, how we logged in, and what was asked', async () => {
  const here = await createBare()
  await commit(here, 'main')
  await http.createRepository('debug')
  const lines: string[] = []
  await runMirror(
    {
      ...{ operation: 'verify', 'repository-url': sshd.url(here), token: sshd.readOnlyKey, 'known-host-keys': sshd.knownHosts },
      ...{ 'remote-url': http.url('debug'), username: http.user, 'auth-secret': http.token, 'ca-certificate': http.caPem },
    },
    { onDebug: line => void lines.push(line) },
  )
  expect(lines).toContainEqual(expect.stringMatching(/^here: .*@127\.0\.0\.1:\d+ shows the host key ssh-ed25519 SHA256:\S{43}: trusted$/))
  expect(lines).toContainEqual(expect.stringMatching(/^here: logged in at .* by key$/))
  expect(lines).toContainEqual(expect.stringMatching(/^there: GET https:.*: 200$/))
  expect(lines.join('\n')).not.toContain(http.token)
})

test.each(['relay', 'git'])('a side that cannot be read is a failure, whichever it is: %s', async transfer => {
  const here = await createBare()
  await commit(here, 'main')
  const report = await runMirror({
    ...{ operation: 'verify', 'repository-url': here, 'remote-url': http.url('nowhere'), 'fail-on': 'never', transfer },
    ...{ username: http.user, 'auth-secret': http.token, 'ca-certificate': http.caPem },
  })
  expect(report).toMatchObject({ status: 'failed', inSync: false, failure: { side: 'there', kind: 'repository-not-found' } })
})
