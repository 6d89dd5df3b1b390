// Servers that allow less than others: one session on a connection, accounts that may only push, repositories that the first push creates, text at login.
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { commit, createBare, git } from '../support/git-repository.ts'
import { differences, type MirrorOptions, runMirror } from '../support/mirror.ts'
import { generateKey, type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const TRANSFERS = ['relay', 'git'] as const

let usual: Sshd
let single: Sshd
const keys = { pushOnly: '', creating: '', talking: '' }

/** A key that can only run this program of sh, which finds the asked command in `$SSH_ORIGINAL_COMMAND`. */
async function keyFor(name: keyof typeof keys, script: string): Promise<string> {
  const directory = temporaryDirectory()
  const program = join(directory, 'shell')
  writeFileSync(program, `#!/bin/sh\n${script}\n`)
  chmodSync(program, 0o755)
  const { privateKey, publicKey } = await generateKey(join(directory, 'key'), 'ed25519')
  keys[name] = privateKey
  return `restrict,command="${program}" ${publicKey}`
}

const RUN = 'exec git shell -c "$SSH_ORIGINAL_COMMAND"'
/** The path of the repository that was asked for. */
const PLACE = `path=$(eval "set -- $SSH_ORIGINAL_COMMAND"; echo "$2")`

beforeAll(async () => {
  const authorizedKeys = [
    await keyFor(
      'pushOnly',
      `case "$SSH_ORIGINAL_COMMAND" in git-receive-pack*) ${RUN};; esac\necho 'FATAL: R any p mirror DENIED by fallthru' >&2\nexit 1`,
    ),
    await keyFor(
      'creating',
      `${PLACE}\ncase "$SSH_ORIGINAL_COMMAND" in git-receive-pack*) [ -d "$path" ] || git init -q --bare "$path";; esac\n[ -d "$path" ] && ${RUN}\necho 'ERROR: Repository not found.' >&2\nexit 1`,
    ),
    await keyFor('talking', `printf 'Welcome to gate 7.\\nYour password expires in 3 days.\\n'\n${RUN}`),
  ]
  usual = await startSshd({ authorizedKeys })
  single = await startSshd({ settings: ['MaxSessions 1'] })
})

afterAll(async () => {
  await Promise.allSettled([usual, single].map(async server => await server?.stop()))
})

interface Way {
  readonly sshd?: Sshd
  readonly secret?: string
  readonly transfer: (typeof TRANSFERS)[number] | 'auto'
  readonly inputs?: RawInputs
}

const mirrorTo = (
  source: string,
  destination: string,
  { sshd = usual, secret = sshd.privateKey, transfer, inputs = {} }: Way,
  options: MirrorOptions = {},
) =>
  runMirror(
    {
      'repository-url': source,
      'remote-url': sshd.url(destination),
      'auth-secret': secret,
      'known-host-keys': sshd.knownHosts,
      transfer,
      ...inputs,
    },
    options,
  )

/** A repository with history that the mirror has, too, and then some that differs: rewritten, new, and gone. */
async function rewrite(source: string): Promise<void> {
  await commit(source, 'main', { files: { b: '2' } })
  await commit(source, 'topic', { files: { other: '3' } })
  await git(source, ['update-ref', '-d', 'refs/heads/old'])
}

describe.each(TRANSFERS)('%s', transfer => {
  test('`MaxSessions 1` on both sides: a further session gets a connection of its own', async () => {
    const [source, destination] = [await createBare(), await createBare()]
    for (const branch of ['main', 'topic', 'old', 'kept']) await commit(source, branch, { files: { a: branch } })
    const inputs = { 'repository-url': single.url(source), token: single.privateKey, backup: 'true', prune: 'all' }
    for (const change of [async () => {}, () => rewrite(source)]) {
      await change()
      expect(await mirrorTo(source, destination, { sshd: single, transfer, inputs })).toMatchObject({
        ...{ status: 'updated', inSync: true, transfer, failure: null },
      })
      expect(await differences(source, destination)).toEqual([])
    }
    if (transfer === 'git') return
    // Nothing to do: one session a side is enough.
    const before = single.connections()
    expect(await mirrorTo(source, destination, { sshd: single, transfer, inputs })).toMatchObject({ status: 'up-to-date' })
    expect(single.connections() - before).toBe(2)
  })

  test('an account that may only push: refs are read from receive-pack, again and again', async () => {
    const [source, destination] = [await createBare(), await createBare()]
    for (const branch of ['main', 'topic', 'old', 'kept']) await commit(source, branch, { files: { a: branch } })
    // git pushes only commits that it has, so it would have to fetch what is backed up.
    const way = { secret: keys.pushOnly, transfer, inputs: { prune: 'all', backup: String(transfer === 'relay') } }
    for (const change of [async () => {}, () => rewrite(source)]) {
      await change()
      const report = await mirrorTo(source, destination, way)
      expect(report).toMatchObject({ status: 'updated', inSync: true, transfer, failure: null, notices: [] })
      expect(report.log.join('\n')).toContain('refs are those that it shows to a push')
      expect(await differences(source, destination)).toEqual([])
    }
    expect(await mirrorTo(source, destination, way)).toMatchObject({ status: 'up-to-date' })
    // As a source it cannot be read, and a dry run asks for nothing that could change the server.
    const pulled = await mirrorTo(source, destination, { ...way, inputs: { direction: 'pull', 'repository-url': await createBare() } })
    expect(pulled.failure).toMatchObject({ side: 'there', kind: 'permission-denied' })
    const dry = await mirrorTo(source, destination, { ...way, inputs: { 'dry-run': 'true' } })
    expect(dry.failure).toMatchObject({ side: 'there', kind: 'permission-denied' })
  })

  test('a repository that the first push creates', async () => {
    const source = await createBare()
    await commit(source, 'main', { files: { a: '1' } })
    const destination = join(temporaryDirectory(), 'new.git')
    const way = { secret: keys.creating, transfer }
    const dry = await mirrorTo(source, destination, { ...way, inputs: { 'dry-run': 'true' } })
    expect(dry.failure).toMatchObject({ side: 'there', kind: 'repository-not-found' })
    expect(await mirrorTo(source, destination, way)).toMatchObject({ status: 'updated', inSync: true, transfer, failure: null })
    expect(await differences(source, destination)).toEqual([])
    // Neither service answers: nothing is taken for empty.
    const away = await mirrorTo(source, join(temporaryDirectory(), 'away.git'), { transfer })
    expect(away).toMatchObject({ status: 'failed', failure: { side: 'there' } })
  })

  test('text at login before the protocol: its words are shown', async () => {
    const source = await createBare()
    await commit(source, 'main', { files: { a: '1' } })
    const { failure } = await mirrorTo(source, await createBare(), { secret: keys.talking, transfer })
    expect(failure).toMatchObject({ side: 'there', kind: 'protocol-error' })
    expect(`${failure?.message}\n${failure?.detail}`).toContain('Welcome to gate 7.')
    expect(`${failure?.message}\n${failure?.detail}`).toContain('Your password expires in 3 days.')
  })
})
