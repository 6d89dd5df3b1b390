// Keys, as a step and at a terminal: made, shown, registered, used; and where the private half is in the meantime.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { findNode20, runCli, runMain, runPost } from '../support/action-step.ts'
import { commandHere } from '../support/command-here.ts'
import { commit, createBare } from '../support/git-repository.ts'
import { differences } from '../support/mirror.ts'
import { makeKey, PASSPHRASE, privateFile, publicHalfBySshKeygen } from '../support/private-keys.ts'
import { startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const halfOf = (line: string): string => line.trim().split(' ').slice(0, 2).join(' ')

/** A `gh` that writes down what it is given. @returns the directory to put on the PATH, and what came */
function fakeGh({ code = 0, says = '' } = {}) {
  const directory = join(temporaryDirectory(), 'bin')
  mkdirSync(directory)
  const file = (name: string): string => join(directory, name)
  const lines = [
    '#!/bin/sh',
    `printf '%s\\n' "$@" > '${file('argv')}'`,
    `cat > '${file('stdin')}'`,
    `env > '${file('environment')}'`,
    `echo '${says}' >&2`,
    `exit ${code}`,
  ]
  writeFileSync(file('gh'), `${lines.join('\n')}\n`, { mode: 0o755 })
  const read = (name: string): string => readFileSync(file(name), 'utf8')
  return {
    path: `${directory}:${process.env['PATH']}`,
    argv: () => read('argv').trim().split('\n'),
    stdin: () => read('stdin'),
    environment: () => read('environment'),
  }
}

describe('keygen on node 20', () => {
  test('into two files; the public half alone is printed', async () => {
    const cwd = temporaryDirectory()
    const made = await runCli(['keygen', 'git@gitlab.com:g/p.git', '--out', 'key'], { node: findNode20(), cwd })
    const text = readFileSync(join(cwd, 'key'), 'utf8')
    expect(made.code).toBe(0)
    expect(made.stdout).toBe(readFileSync(join(cwd, 'key.pub'), 'utf8'))
    expect(halfOf(made.stdout)).toBe(await publicHalfBySshKeygen(join(cwd, 'key')))
    expect(['key', 'key.pub'].map(name => (statSync(join(cwd, name)).mode & 0o777).toString(8))).toEqual(['600', '644'])
    expect(made.stderr).toContain('where: https://gitlab.com/g/p/-/settings/repository#js-deploy-keys-settings\n')
    for (const line of text.split('\n').filter(line => line !== '' && !line.startsWith('-----'))) expect(made.log).not.toContain(line)
    const again = await commandHere(['keygen', '--out', join(cwd, 'key')])
    expect(again.code).toBe(2)
    expect(again.stderr).toContain('key" exists already, and no file is overwritten')
    expect(readFileSync(join(cwd, 'key'), 'utf8')).toBe(text)
  })

  test('into a secret: through stdin of gh, never its argv; no file', async () => {
    const gh = fakeGh()
    const cwd = temporaryDirectory()
    const args = ['keygen', 'git@github.com:o/mirror.git', '--secret', 'MIRROR_SSH_KEY', '--repo', 'o/r']
    const made = await runCli(args, { node: findNode20(), cwd, env: { PATH: gh.path } })
    expect(made.code).toBe(0)
    expect(gh.argv()).toEqual(['secret', 'set', 'MIRROR_SSH_KEY', '--repo', 'o/r'])
    expect(await publicHalfBySshKeygen(privateFile(temporaryDirectory(), 'key', gh.stdin()))).toBe(halfOf(made.stdout))
    expect(readdirSync(cwd)).toEqual([])
    expect(made.log).not.toContain('PRIVATE KEY')
    expect(made.stderr).toContain('private half: the secret MIRROR_SSH_KEY of o/r, and nowhere else')
  })
})

describe('keygen', () => {
  test('tells what gh said where it stored nothing, and shows no public half that nobody has the other half of', async () => {
    const gh = fakeGh({ code: 4, says: 'gh: To get started with GitHub CLI, please run: gh auth login' })
    const made = await runCli(['keygen', '--secret', 'K', '--repo', 'o/r'], { env: { PATH: gh.path } })
    expect(made.code).toBe(2)
    expect(made.stderr).toContain('`gh` did not store the secret "K" of "o/r"')
    expect(made.stderr).toContain('please run: gh auth login')
    expect(made.log).not.toMatch(/ssh-ed25519 AAAA|PRIVATE KEY/)
  })

  test('gh gets its own login, and none of our secrets besides the key', async () => {
    const gh = fakeGh()
    const env = { PATH: gh.path, GH_TOKEN: 'login-of-gh', REPOSITORY_MIRRORING_SSH_KEY_PASSPHRASE: PASSPHRASE }
    expect((await runCli(['keygen', '--secret', 'K', '--repo', 'o/r'], { env })).code).toBe(0)
    expect(gh.environment()).toContain('GH_TOKEN=login-of-gh')
    expect(gh.environment()).not.toContain(PASSPHRASE)
  })

  test('what gh repeats of the key is masked', async () => {
    const gh = fakeGh({ code: 1 })
    const script = join(gh.path.split(':')[0] ?? '', 'gh')
    writeFileSync(script, '#!/bin/sh\ncat >&2\nexit 1\n', { mode: 0o755 })
    const made = await runCli(['keygen', '--secret', 'K', '--repo', 'o/r'], { env: { PATH: gh.path } })
    expect(made.code).toBe(2)
    expect(made.stderr).toContain('***')
    expect(made.log).not.toMatch(/b3BlbnNzaC1rZXktdjEA/)
  })

  test('prints the private half only when it is asked to, encrypted with the passphrase', async () => {
    const env = { REPOSITORY_MIRRORING_SSH_KEY_PASSPHRASE: PASSPHRASE }
    const made = await runCli(['keygen', '--print', '--type', 'ed25519', '--comment', 'me'], { env })
    expect(made.code).toBe(0)
    expect(made.stdout).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n[\s\S]+\n-----END OPENSSH PRIVATE KEY-----\n$/)
    const half = await publicHalfBySshKeygen(privateFile(temporaryDirectory(), 'key', made.stdout), PASSPHRASE)
    expect(made.stderr).toContain(`${half} me\n`)
    expect(made.stderr).toContain('the private half is encrypted')
  })

  test('help', async () => {
    expect((await commandHere(['keygen', '--help'])).stdout).toContain('keygen [URL] --out PATH')
    expect((await commandHere(['public-key', '--help'])).stdout).toContain('public-key [URL] [flags]')
    expect((await commandHere(['help'])).stdout).toMatch(/keygen \[URL\][\s\S]*public-key \[URL\]/)
    expect(await commandHere(['keygen'])).toMatchObject({ code: 2, stderr: expect.stringContaining('say where to put the private key') })
  })
})

test('from nothing to a mirror with a key that keygen made', async () => {
  const cwd = temporaryDirectory()
  const made = await runCli(['keygen', '--out', 'key'], { cwd })
  const sshd = await startSshd({ authorizedKeys: [made.stdout.trim()] })
  try {
    const [source, destination] = [await createBare(), await createBare()]
    await commit(source, 'main', { files: { a: '1' } })
    const secret = readFileSync(join(cwd, 'key'), 'utf8')
    const inputs = { 'remote-url': sshd.url(destination), 'repository-url': source, 'known-host-keys': sshd.knownHosts }
    const step = await runMain({ ...inputs, 'auth-secret': Buffer.from(secret).toString('base64') }, { secrets: [secret] })
    expect(step).toMatchObject({ code: 0, leaks: [], outputs: { status: 'updated', 'ssh-public-key': halfOf(made.stdout) } })
    expect(await differences(source, destination)).toEqual([])
    expect((await runPost(step)).code).toBe(0)
  } finally {
    await sshd.stop()
  }
})

describe('the public half', () => {
  test('as a step on node 20: log, output and summary', async () => {
    const { text, publicHalf, passphrase } = await makeKey(temporaryDirectory(), 'ecdsa-256', 'PKCS#8, encrypted')
    const inputs = {
      operation: 'show-public-key',
      'auth-secret': text,
      'ssh-key-passphrase': passphrase ?? '',
      'remote-url': 'git@github.com:o/r.git',
    }
    const step = await runMain(inputs, { node: findNode20(), github: { server_url: 'https://github.com' } })
    expect(step).toMatchObject({ code: 0, leaks: [], outputs: { 'ssh-public-key': publicHalf } })
    for (const place of [step.maskedLog, step.summary]) {
      expect(place).toContain(publicHalf)
      expect(place).toContain('https://github.com/o/r/settings/keys/new')
    }
    expect((await runPost(step)).code).toBe(0)
  })

  test('of a key whose lines stand in its public half, too, survives our masks', async () => {
    const { text, publicHalf } = await makeKey(temporaryDirectory(), 'rsa', 'PKCS#8')
    const step = await runMain({ operation: 'show-public-key', 'auth-secret': Buffer.from(text).toString('base64') })
    expect(step).toMatchObject({ code: 0, outputs: { 'ssh-public-key': publicHalf } })
    expect(step.maskedLog).toContain(publicHalf)
  })

  test('as a command: the line on stdout, the rest on stderr; as JSON', async () => {
    const { text, publicHalf } = await makeKey(temporaryDirectory(), 'ed25519', 'OpenSSH')
    const env = { REPOSITORY_MIRRORING_AUTH_SECRET: text }
    expect(await runCli(['public-key', 'git@codeberg.org:o/r.git'], { env })).toMatchObject({
      code: 0,
      stdout: `${publicHalf}\n`,
      stderr: expect.stringContaining('where: https://codeberg.org/o/r/settings/keys\n'),
    })
    const json = await runCli(['public-key', '--json', '--auth-secret-file', privateFile(temporaryDirectory(), 'key', text)], {
      secrets: [text],
    })
    expect(JSON.parse(json.stdout)).toMatchObject({ version: 1, keys: [{ key: publicHalf, page: null }] })
  })

  test.each([
    ['no key', {}, 3, 'REPOSITORY_MIRRORING_AUTH_SECRET (or --auth-secret-file) is missing'],
    ['a password', { REPOSITORY_MIRRORING_AUTH_SECRET: 'hunter22hunter22' }, 2, 'the secret is not a private key'],
  ])('refused: %s', async (_, env, code, words) => {
    const run = await commandHere(['public-key'], env)
    expect(run).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(words) })
    expect(run.stderr).not.toContain('hunter22')
  })
})
