import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { classify } from '../../src/errors/error-table.ts'
import type { Kind } from '../../src/errors/kinds.ts'
import { fsck, git, installHook } from '../support/git-repository.ts'
import { differences, runMirror } from '../support/mirror.ts'
import { messageOf, messages } from '../support/server-messages.ts'
import { type StagedText, saidBy } from '../support/staged-text.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { createSides, GIT_TEXTS } from '../support/texts-of-git.ts'
import { HTTP_TEXTS, startWeb, type Web } from '../support/texts-of-http.ts'
import { ELSEWHERE, OF_LFS } from '../support/texts-of-services.ts'
import { connects, SSH_TEXTS, type SshPlace, startSshPlace } from '../support/texts-of-ssh.ts'

// The messages against what programs of today really print, in the language in which a run starts them (LC_ALL=C).

/** The same words as the message's, and the same row. */
async function expectReal<Place>([id, words, stage]: StagedText<Place>, place: Place): Promise<void> {
  const said = await stage(place)
  const { text } = messageOf(id)
  expect(text).toMatch(words)
  expect(said).toMatch(words)
  expect(classify(said)).not.toBeNull()
  expect(classify(said)).toBe(classify(text))
}

test('each message is staged for real, or it is known who alone says it', () => {
  const ids = [...[...GIT_TEXTS, ...HTTP_TEXTS, ...SSH_TEXTS].map(([id]) => id), ...Object.values(ELSEWHERE).flat(), ...OF_LFS]
  expect(ids.toSorted()).toEqual(messages.map(({ id }) => id).toSorted())
})

describe('git says it', () => {
  test.each(GIT_TEXTS.map(staged => [staged[0], staged] as const))('%s', async (_, staged) => {
    await expectReal(staged, await createSides())
  })
})

describe('git says it of web servers, TLS and proxies, and curl', () => {
  let web: Web
  beforeAll(async () => {
    web = await startWeb()
  })
  afterAll(() => web?.stop())
  test.each(HTTP_TEXTS.map(staged => [staged[0], staged] as const))('%s', (_, staged) => expectReal(staged, web))

  test('a redirect that is not followed', async () => {
    const said = await saidBy('/', ['-c', 'http.followRedirects=false', 'ls-remote', `${web.origin}/301/r.git`])
    expect(classify(said)?.kind).toBe('redirected')
  })

  test('no TLS where TLS is asked for', async () => {
    const said = await saidBy('/', ['ls-remote', `${web.origin.replace('http:', 'https:')}/404/r.git`])
    expect(classify(said)?.kind).toBe('connection-lost')
  })
})

describe('OpenSSH says it', () => {
  let place: SshPlace
  beforeAll(async () => {
    place = await startSshPlace()
  })
  afterAll(() => place?.stop())
  test.each(SSH_TEXTS.map(staged => [staged[0], staged] as const))('%s', (_, staged) => expectReal(staged, place))

  test('no repository', async () => {
    const said = await connects(['-i', place.key], place)
    expect(classify(said)?.kind).toBe('repository-not-found')
  })

  test('no cipher in common', async () => {
    const said = await connects(['-o', 'Ciphers=3des-cbc'], place)
    expect(classify(said)?.kind).toBe('ssh-algorithms')
  })
})

const RULES: readonly (readonly [string, Kind, string])[] = [
  ['GitHub', 'protected-branch', 'error: GH006: Protected branch update failed for refs/heads/main.'],
  ['GitLab', 'push-rule', 'GitLab: Commit must be signed with a GPG key'],
  ['Forgejo', 'storage-limit', 'Forgejo: Quota exceeded'],
]
test.each(RULES)('a hook says what the application of %s does: %s', async (_, kind, words) => {
  const { here, there } = await createSides()
  installHook(there, 'pre-receive', `echo "${words}" >&2; exit 1`)
  expect(classify(await saidBy(here, ['push', there, 'main']))?.kind).toBe(kind)
})

test('of refs that go together, the one that is refused tells why', async () => {
  const { here, there } = await createSides()
  await git(there, ['config', 'receive.denyDeletes', 'true'])
  expect(classify(await saidBy(here, ['push', '--atomic', there, 'main', ':dev']))?.kind).toBe('deletion-denied')
})

test.each(['relay', 'git'])('a server in trouble has refused nothing: the ref is tried again (%s)', async transfer => {
  const { here, there } = await createSides()
  const tried = join(temporaryDirectory(), 'tried')
  installHook(there, 'update', `test -e '${tried}' && exit 0; touch '${tried}'; echo 'fatal error in commit_refs' >&2; exit 1`)
  const inputs = { 'repository-url': here, 'remote-url': there, transfer }
  const once = await runMirror(inputs)
  expect(once.outcomes).toMatchObject({ main: 'failed server-error' })
  expect(once.refs.find(({ ref }) => ref === 'refs/heads/main')?.hint).toMatch(/two names conflict/)
  rmSync(tried)
  expect(await runMirror({ ...inputs, retries: '1' })).toMatchObject({ status: 'updated', inSync: true, attempts: 2 })
  expect(await differences(here, there)).toEqual([])
})

test.each(['relay', 'git'])('a warning of the server is told, and gives the runner no command (%s)', async transfer => {
  const { here, there } = await createSides()
  installHook(there, 'update', 'echo "Bypassed rule violations for refs/heads/main: ##[error]::error::x" >&2')
  const report = await runMirror({ 'repository-url': here, 'remote-url': there, transfer })
  expect(report).toMatchObject({ status: 'updated', inSync: true })
  const told = report.log.filter(text => text.startsWith('the server warns: Bypassed rule violations'))
  expect(told).toEqual([expect.stringContaining('##\\[error]'), ...told.slice(1)])
  await fsck(there)
})
