import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { generateKey } from '../../src/commands/keygen/generate-key.ts'
import { type KeyRequest, parseKeygenCommand, readKeyRequest } from '../../src/commands/keygen/keygen-command.ts'
import { generatedKeyNotes } from '../../src/commands/public-key/public-key-answer.ts'
import { Failure } from '../../src/errors/failure.ts'
import { storeSecret } from '../../src/forge/gh.ts'
import { writeKeyFiles } from '../../src/keys/key-files.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { generateKeyFiles } from '../../src/ssh/key-generation.ts'
import { readPrivateKey } from '../../src/ssh/key-pair.ts'
import { PASSPHRASE, privateFile, publicHalfBySshKeygen, succeed } from '../support/private-keys.ts'
import { contextWith } from '../support/settings.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const directory = temporaryDirectory()
const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8)

async function failureOf(work: () => unknown): Promise<Failure> {
  try {
    await work()
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('it did not fail')
}

describe('a key that was made', () => {
  test.each([
    ['ed25519', null, /^256 SHA256:\S+ a comment \(ED25519\)/],
    ['ed25519', PASSPHRASE, /^256 SHA256:\S+ .*\(ED25519\)/],
    ['rsa', null, /^4096 SHA256:\S+ a comment \(RSA\)/],
  ] as const)('is one for the real ssh-keygen: %s, passphrase %s', async (type, passphrase, told) => {
    const { privateKey, publicKey } = generateKeyFiles(type, 'a comment', passphrase)
    const file = privateFile(directory, `${type}-${passphrase !== null}`, privateKey)
    expect(publicKey).toMatch(/^ssh-\S+ \S+ a comment$/)
    expect(await publicHalfBySshKeygen(file, passphrase ?? '')).toBe(publicKey.split(' ').slice(0, 2).join(' '))
    expect(await succeed('ssh-keygen', ['-l', '-f', file])).toMatch(told)
    if (passphrase !== null) await expect(publicHalfBySshKeygen(file, 'wrong one')).rejects.toThrow('incorrect passphrase')
  })

  // ssh2 cuts a zero byte at the start of the public half: with 700 keys one of them would begin so in 94 of 100 runs.
  test('is whole each time', () => {
    for (let count = 0; count < 700; count++) {
      const { publicKey } = generateKeyFiles('ed25519', '', null)
      expect(publicKey).toMatch(/^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]{43}$/)
    }
  })
})

describe('two files', () => {
  const FILES = { privateKey: 'private\n', publicKey: 'public' }

  test('0600 and 0644, whatever the umask', async () => {
    for (const mask of [0o000, 0o077, 0o777]) {
      const path = join(temporaryDirectory(), 'key')
      const before = process.umask(mask)
      await writeKeyFiles(path, FILES).finally(() => process.umask(before))
      expect([mode(path), mode(`${path}.pub`)]).toEqual(['600', '644'])
      expect([readFileSync(path, 'utf8'), readFileSync(`${path}.pub`, 'utf8')]).toEqual(['private\n', 'public\n'])
    }
  })

  test.each<[string, (path: string) => void, (path: string) => string]>([
    ['the private file exists', path => writeFileSync(path, 'old'), path => `--out: "${path}" exists already, and no file is overwritten`],
    [
      'the public file exists',
      path => writeFileSync(`${path}.pub`, 'old'),
      path => `--out: "${path}.pub" exists already, and no file is overwritten`,
    ],
    [
      'a link to nowhere',
      path => symlinkSync(`${path}-elsewhere`, path),
      path => `--out: "${path}" exists already, and no file is overwritten`,
    ],
    ['a directory', path => mkdirSync(path), path => `--out: "${path}" exists already, and no file is overwritten`],
  ])('nothing is written where %s', async (_, prepare, message) => {
    const path = join(temporaryDirectory(), 'key')
    prepare(path)
    const before = readdirSync(join(path, '..'))
    const failure = await failureOf(() => writeKeyFiles(path, FILES))
    expect(failure).toMatchObject({ kind: 'settings-invalid', message: message(path), hint: 'give another path with `--out`' })
    expect(readdirSync(join(path, '..'))).toEqual(before)
    if (existsSync(`${path}.pub`)) expect(readFileSync(`${path}.pub`, 'utf8')).toBe('old')
  })

  test('a directory that does not exist', async () => {
    const path = join(temporaryDirectory(), 'no', 'key')
    expect((await failureOf(() => writeKeyFiles(path, FILES))).message).toMatch(/^--out: "\S+\/no\/key" cannot be written: ENOENT/)
  })
})

const request = (args: readonly string[], raw: RawInputs = {}): KeyRequest => {
  const line = parseKeygenCommand(args)
  return readKeyRequest({ ...line, raw: { ...line.raw, ...raw } }, contextWith())
}

describe('what is asked for', () => {
  test.each<[string, readonly string[], RawInputs, Partial<KeyRequest>]>([
    [
      'files',
      ['--out', 'k'],
      {},
      { type: 'ed25519', comment: 'repository-mirroring', passphrase: null, target: { to: 'file', path: 'k' }, url: null },
    ],
    [
      'a secret',
      ['--secret=KEY_1', '--repo', 'o/r', '--type', 'rsa'],
      {},
      { type: 'rsa', target: { to: 'secret', name: 'KEY_1', repository: 'o/r' } },
    ],
    [
      'a secret of a server',
      ['--secret', 'K', '--repo', 'ghes.example/o/r.x'],
      {},
      { target: { to: 'secret', name: 'K', repository: 'ghes.example/o/r.x' } },
    ],
    [
      'stdout, encrypted',
      ['--print', '--comment', ' me@here '],
      { 'ssh-key-passphrase': 'secret\n' },
      { comment: 'me@here', passphrase: 'secret', target: { to: 'stdout' } },
    ],
  ])('%s', (_, args, raw, expected) => {
    expect(request(args, raw)).toMatchObject(expected)
  })

  test('a passphrase from a file is left to the caller', () => {
    expect(parseKeygenCommand(['--print', '--ssh-key-passphrase-file', 'f']).files).toEqual([{ input: 'ssh-key-passphrase', path: 'f' }])
    expect(request(['--print'], { 'ssh-key-passphrase': 'of a file\r\n' }).passphrase).toBe('of a file')
  })

  test.each<[string, readonly string[], string]>([
    ['nothing', [], 'say where to put the private key: --out PATH, --secret NAME with --repo OWNER/NAME, or --print'],
    ['two places', ['--out', 'k', '--print'], '--out, --secret and --print exclude each other'],
    ['a secret of no repository', ['--secret', 'K'], '--repo is missing; give the repository of the secret as OWNER/NAME'],
    ['a repository without a secret', ['--out', 'k', '--repo', 'o/r'], '--repo has no effect without --secret'],
    [
      'a flag for a name',
      ['--secret=--body', '--repo', 'o/r'],
      '--secret must be letters, digits and underscores, not begin with a digit or GITHUB_, not "--body"',
    ],
    [
      'a name that GitHub keeps',
      ['--secret', 'github_x', '--repo', 'o/r'],
      '--secret must be letters, digits and underscores, not begin with a digit or GITHUB_, not "github_x"',
    ],
    ['a flag for a repository', ['--secret', 'K', '--repo=-x/r'], '--repo must be OWNER/NAME, or HOST/OWNER/NAME, not "-x/r"'],
    ['half a repository', ['--secret', 'K', '--repo', 'r'], '--repo must be OWNER/NAME, or HOST/OWNER/NAME, not "r"'],
    ['another type', ['--print', '--type', 'dsa'], '--type must be `ed25519` or `rsa`, not "dsa"'],
    ['a comment of two lines', ['--print', '--comment', 'a\nssh-rsa b'], '--comment must be one line, without control characters'],
    [
      'an unknown flag',
      ['--prnt'],
      '2 problems:\n- unknown flag --prnt; did you mean --print?\n- say where to put the private key: --out PATH, --secret NAME with --repo OWNER/NAME, or --print',
    ],
    ['a flag twice', ['--out', 'a', '--out', 'b'], '--out is given twice'],
    [
      'no value',
      ['--out'],
      '2 problems:\n- --out needs a value\n- say where to put the private key: --out PATH, --secret NAME with --repo OWNER/NAME, or --print',
    ],
    [
      'no URL',
      ['ftp://h/p', '--print'],
      'URL: the protocol `ftp://` is not supported: use `ssh://`, `user@host:path`, `https://`, `file://` or a local path',
    ],
  ])('refused: %s', async (_, args, message) => {
    expect(await failureOf(() => request(args))).toMatchObject({ kind: 'settings-invalid', message, hint: 'see `keygen --help`' })
  })

  test('refused: an empty passphrase', async () => {
    const failure = await failureOf(() => request(['--print'], { 'ssh-key-passphrase': '\n' }))
    expect(failure.message).toBe('REPOSITORY_MIRRORING_SSH_KEY_PASSPHRASE (or --ssh-key-passphrase-file) is empty')
  })
})

describe('the private half goes', () => {
  const masked: string[] = []
  const host = { mask: (secrets: readonly string[]) => void masked.push(...secrets), hide: (text: string) => text }

  test('into the file, is masked, and is not handed on', async () => {
    const path = join(temporaryDirectory(), 'key')
    const made = await generateKey(request(['git@github.com:o/r.git', '--out', path]), {}, host)
    expect(made.privateKey).toBeNull()
    const text = readFileSync(path, 'utf8')
    expect(masked).toContain(text)
    expect(readPrivateKey(text, null).type).toBe('ssh-ed25519')
    expect(await publicHalfBySshKeygen(path)).toBe(made.shown.line)
    expect(generatedKeyNotes(request(['--out', path]), made.shown).slice(1)).toEqual([
      'for: git@github.com:o/r.git, the destination: the key needs write access',
      'where: https://github.com/o/r/settings/keys/new',
      'what to do: add it as a deploy key, with “Allow write access”',
      `private half: ${path}, readable by you only; public half: ${path}.pub`,
      `next: store it with \`gh secret set MIRROR_SSH_KEY < ${path}\`, give it as \`auth-secret\`, then delete both files`,
    ])
  })

  test('to the caller only when it was asked for', async () => {
    const made = await generateKey(request(['--print']), {}, host)
    expect(readPrivateKey(made.privateKey ?? '', null).type).toBe('ssh-ed25519')
  })

  test('nowhere, where gh cannot be started', async () => {
    const failure = await failureOf(() => generateKey(request(['--secret', 'K', '--repo', 'o/r']), { PATH: temporaryDirectory() }, host))
    expect(failure).toMatchObject({ kind: 'secret-not-stored', message: '`gh`, the program of GitHub, could not be started' })
  })

  test('nowhere, where gh ends before it has read the secret: its own words are the reason', async () => {
    const bin = temporaryDirectory()
    writeFileSync(join(bin, 'gh'), '#!/bin/sh\necho please log in >&2\nexit 4\n', { mode: 0o755 })
    // More than a pipe holds, so that it is never written whole.
    const secret = { name: 'K', repository: 'o/r', value: 'x'.repeat(2 ** 22) }
    const before = process.env['PATH']
    process.env['PATH'] = `${bin}:${before}`
    const failure = await failureOf(() => storeSecret(secret, process.env, text => text)).finally(() => {
      process.env['PATH'] = before
    })
    expect(failure).toMatchObject({ message: '`gh` did not store the secret "K" of "o/r"', detail: 'please log in' })
  })
})
