import { describe, expect, test } from '@jest/globals'
import { hostKeysAnswer } from '../../src/commands/host-keys/host-keys-answer.ts'
import { HOST_KEYS_HELP, parseHostKeyQuestion, parseHostKeysCommand } from '../../src/commands/host-keys/host-keys-command.ts'
import { alarmOf, bitsOf, compareHostKeys, knownHostsLines } from '../../src/host-keys/detection.ts'
import { parseKnownHostKeys } from '../../src/host-keys/known-hosts.ts'
import published from '../../src/host-keys/published-keys.json' with { type: 'json' }
import { revokedEntries } from '../../src/host-keys/well-known.ts'
import { keyType, md5Fingerprint, sha256Fingerprint } from '../../src/keys/public-key.ts'
import { contextWith } from '../support/settings.ts'

const blobsOf = (host: string): Buffer[] =>
  (published.hosts.find(({ hosts }) => hosts.includes(host))?.keys ?? []).map(({ base64 }) => Buffer.from(base64, 'base64'))
const [GITHUB, GITHUB_ECDSA, GITHUB_RSA] = blobsOf('github.com') as [Buffer, Buffer, Buffer]
const [GITLAB] = blobsOf('gitlab.com') as [Buffer]
const WITHDRAWN = revokedEntries()[0]?.blob ?? Buffer.alloc(0)
const key = (blob: Buffer): string => `${keyType(blob)} ${blob.toString('base64')}`
const lines = (host: string, ...blobs: Buffer[]): string => blobs.map(blob => `${host} ${key(blob)}\n`).join('')

const detect = (host: string, offered: readonly Buffer[], given = '') =>
  compareHostKeys({ host, port: 22, configured: parseKnownHostKeys(given).entries, warnings: [] }, offered)

describe('offered keys against configured ones', () => {
  const two = lines('h', GITHUB, GITHUB_RSA)
  test.each<[string, Buffer[], string, (string | null)[], number, string | null]>([
    ['nothing configured', [GITHUB, GITHUB_RSA], '', [null, null], 0, null],
    ['only comments configured', [GITHUB], '# none\n', [null], 0, null],
    ['the same', [GITHUB, GITHUB_RSA], two, ['same', 'same'], 0, null],
    ['the same in another order', [GITHUB_RSA, GITHUB], two, ['same', 'same'], 0, null],
    ['the same with a comment', [GITHUB], `# x\nh ${key(GITHUB)} by me\n`, ['same'], 0, null],
    ['one more', [GITHUB, GITHUB_ECDSA, GITHUB_RSA], two, ['same', 'new', 'same'], 0, null],
    ['one less', [GITHUB], two, ['same'], 1, null],
    ['another of the same type', [GITLAB, GITHUB_RSA], two, ['changed', 'same'], 0, 'changed'],
    ['one of two of the same type', [GITHUB], lines('h', GITHUB, GITLAB), ['same'], 1, null],
    ['another host configured', [GITHUB], lines('other', GITHUB), ['new'], 0, null],
    ['revoked', [GITHUB, GITHUB_RSA], `${two}@revoked h ${key(GITHUB)}`, ['revoked', 'same'], 0, 'revoked'],
    ['another revoked', [GITHUB], `${lines('h', GITHUB)}@revoked h ${key(GITLAB)}`, ['same'], 0, null],
    ['bare key', [GITHUB], key(GITHUB), ['same'], 0, null],
    ['bare key of another type', [GITHUB], key(GITHUB_RSA), ['new'], 1, null],
    ['fingerprint', [GITHUB, GITHUB_RSA], sha256Fingerprint(GITHUB), ['same', 'new'], 0, null],
    ['MD5 fingerprint', [GITHUB], md5Fingerprint(GITHUB), ['same'], 0, null],
    ['fingerprint of another', [GITHUB, GITHUB_RSA], sha256Fingerprint(GITLAB), ['changed', 'changed'], 0, 'changed'],
    [
      'fingerprint of another, next to a right one',
      [GITHUB],
      `${sha256Fingerprint(GITLAB)}\n${sha256Fingerprint(GITHUB)}`,
      ['same'],
      1,
      null,
    ],
    ['withdrawn by its owner', [WITHDRAWN], lines('h', WITHDRAWN), ['same'], 0, 'revoked'],
  ])('%s', (_, offered, given, standings, missing, alarm) => {
    const detection = detect('h', offered, given)
    expect(detection.keys.map(({ configured }) => configured)).toEqual(standings)
    expect(detection.missing).toHaveLength(missing)
    expect(alarmOf(detection)).toBe(alarm)
  })
})

describe('offered keys against published ones', () => {
  test.each<[string, string, Buffer[], (string | null)[], number, string | null]>([
    ['the same', 'github.com', [GITHUB, GITHUB_ECDSA, GITHUB_RSA], ['same', 'same', 'same'], 0, null],
    ['one less', 'github.com', [GITHUB, GITHUB_ECDSA], ['same', 'same'], 1, null],
    ['another', 'github.com', [GITLAB, GITHUB_ECDSA, GITHUB_RSA], ['changed', 'same', 'same'], 0, 'changed'],
    ['withdrawn', 'github.com', [GITHUB, GITHUB_ECDSA, WITHDRAWN], ['same', 'same', 'revoked'], 1, 'revoked'],
    ['a type that is not published', 'ssh.dev.azure.com', [GITHUB, GITHUB_RSA], ['new', 'changed'], 0, 'changed'],
    ['a host that is not well known', 'h', [GITHUB], [null], 0, null],
    ['a host that is not well known, withdrawn', 'h', [WITHDRAWN], ['revoked'], 0, 'revoked'],
  ])('%s', (_, host, offered, standings, missing, alarm) => {
    const detection = detect(host, offered)
    expect(detection.keys.map(({ published }) => published)).toEqual(standings)
    expect(detection.missing).toHaveLength(missing)
    expect(alarmOf(detection)).toBe(alarm)
  })
})

test('the size of a key', () => {
  expect([GITHUB, GITHUB_ECDSA, GITHUB_RSA, WITHDRAWN].map(bitsOf)).toEqual([256, 256, 3072, 2048])
})

test('a revoked key has no line to paste', () => {
  const detection = detect('github.com', [GITHUB, WITHDRAWN])
  expect(knownHostsLines(detection)).toEqual([`github.com ${key(GITHUB)}`])
  expect(hostKeysAnswer(detection).outputs).toEqual({ 'host-keys': `github.com ${key(GITHUB)}` })
})

describe('what is told', () => {
  test('all published', () => {
    const { text, problem } = hostKeysAnswer(detect('github.com', blobsOf('github.com')))
    expect(text).toBe(`3 host keys of "github.com": all are published by GitHub

256 ${sha256Fingerprint(GITHUB)} github.com (ED25519)
256 ${md5Fingerprint(GITHUB)} github.com (ED25519)
  published by GitHub: the same

256 ${sha256Fingerprint(GITHUB_ECDSA)} github.com (ECDSA)
256 ${md5Fingerprint(GITHUB_ECDSA)} github.com (ECDSA)
  published by GitHub: the same

3072 ${sha256Fingerprint(GITHUB_RSA)} github.com (RSA)
3072 ${md5Fingerprint(GITHUB_RSA)} github.com (RSA)
  published by GitHub: the same

what to do: leave \`known-host-keys\` empty, which takes the published keys, or store the lines

The lines for \`known-host-keys\`:

${lines('github.com', GITHUB, GITHUB_ECDSA, GITHUB_RSA)}
with the lines in a file \`hosts\`, store them as a variable of the repository: gh variable set MIRROR_HOST_KEYS < hosts
or as a secret, though they are none: gh secret set MIRROR_HOST_KEYS < hosts
`)
    expect(problem).toBeNull()
  })

  test('for a terminal: the lines apart from all else', () => {
    const { text, notes, outputs } = hostKeysAnswer(detect('github.com', blobsOf('github.com')))
    expect(`${outputs['host-keys']}\n`).toBe(lines('github.com', GITHUB, GITHUB_ECDSA, GITHUB_RSA))
    expect(notes).toBe(text.replace(`The lines for \`known-host-keys\`:\n\n${outputs['host-keys']}\n\n`, ''))
  })

  test.each<[string, Buffer[], string, RegExp[]]>([
    [
      'h',
      [GITHUB],
      '',
      [/^1 host key of "h", not verified yet$/m, /these keys are not verified yet: .* that the owner of the server gives you/],
    ],
    ['h', [GITHUB, GITHUB_RSA], key(GITHUB), [/known-host-keys: the same/, /known-host-keys: new: no key/, /a mirror would connect/]],
    ['h', [GITHUB], lines('h', GITHUB), [/^1 host key of "h": all are configured$/m]],
    [
      'h',
      [GITHUB],
      `\n${lines('h', GITHUB, GITHUB_RSA)}${key(GITHUB_ECDSA)}`,
      [
        /^missing: the server does not offer ssh-rsa SHA256:\S+ \(known-host-keys, line 3\)$/m,
        /^missing: the server does not offer ecdsa-sha2-nistp256 SHA256:\S+ \(known-host-keys, line 4\); it may be the key of another server$/m,
      ],
    ],
    ['github.com', [GITHUB], '', [/^missing: the server does not offer ssh-rsa SHA256:\S+, which GitHub publishes$/m]],
    [
      'gitlab.com',
      [GITHUB],
      '',
      [
        /^a host key of "gitlab\.com" is not the known one: ssh-ed25519 SHA256:/m,
        /CHANGED/,
        /compare .* GitLab\.com publishes at https:\/\/docs\.gitlab\.com/,
      ],
    ],
    [
      'h',
      [WITHDRAWN],
      '',
      [
        /^"h" offers a revoked host key: ssh-rsa SHA256:nThbg6/m,
        /REVOKED: a key of GitHub that was replaced on 2023-03-24, because/,
        /do not connect/,
      ],
    ],
  ])('%s %#', (host, offered, given, words) => {
    const { text } = hostKeysAnswer(detect(host, offered, given))
    for (const word of words) expect(text).toMatch(word)
  })

  test('the annotation of a changed and of a revoked key', () => {
    expect(hostKeysAnswer(detect('gitlab.com', [GITHUB])).problem?.title).toBe('Host key changed')
    expect(hostKeysAnswer(detect('h', [WITHDRAWN])).problem?.title).toBe('Host key revoked')
  })

  test('the summary can be copied from', () => {
    const { summary } = hostKeysAnswer(detect('h', [GITHUB]))
    expect(summary).toContain(`\`\`\`text\nh ${key(GITHUB)}\n\`\`\``)
    expect(summary).toContain('```text\ngh variable set MIRROR_HOST_KEYS < hosts\n```')
  })
})

describe('which server is asked', () => {
  const nameOf = (input: string): string => `\`${input}\``
  const ask = (text: string, hostAlone = true) => parseHostKeyQuestion({ 'remote-url': text }, contextWith({ nameOf }), { hostAlone })

  test.each<[string, string, number]>([
    ['example.com', 'example.com', 22],
    ['EXAMPLE.com:2222', 'example.com', 2222],
    ['git@example.com', 'example.com', 22],
    ['[2001:db8::1]:2222', '2001:db8::1', 2222],
    ['2001:db8::1', '2001:db8::1', 22],
    ['10.0.0.1:22', '10.0.0.1', 22],
    ['ssh://git@example.com:2222/g/p.git', 'example.com', 2222],
    ['ssh://example.com', 'example.com', 22],
    ['ssh://example.com:2222/', 'example.com', 2222],
    ['git@example.com:g/p.git', 'example.com', 22],
    ['git@example.com:project', 'example.com', 22],
  ])('%s', (text, host, port) => expect(ask(text)).toMatchObject({ host, port }))

  test.each([
    ['', '`remote-url` is missing; give the host, or an ssh URL, e.g. ssh://git@example.com:2222/group/project.git'],
    [
      'https://example.com/x',
      'only ssh servers have host keys, and "https://example.com/x" is no ssh URL: a web server has a certificate instead',
    ],
    ['https://me:hunter2@example.com/x', 'is no ssh URL'],
    ['/srv/git/x.git', 'is no ssh URL: a path has no server'],
    ['example.com:99999', 'the port is not a number from 1 to 65535: "example.com:99999"'],
    ['-oProxyCommand=x', 'the host starts with `-`: "-oProxyCommand=x"'],
    ['exämple.com', 'the host is neither a name of ASCII letters'],
  ])('not %j', (text, message) => {
    expect(() => ask(text)).toThrow(message)
    expect(() => ask(text)).not.toThrow(/hunter2/)
  })

  test('a step needs a URL', () => {
    expect(ask('ssh://git@example.com/g/p.git', false)).toMatchObject({ host: 'example.com', port: 22, configured: [] })
    expect(() => ask('example.com', false)).toThrow('`remote-url`: ')
  })

  test('all problems at once', () => {
    const raw = { 'remote-url': '', 'known-host-keys': 'x\n@cert-authority * ssh-rsa AAAA' }
    expect(() => parseHostKeyQuestion(raw, contextWith({ nameOf }), { hostAlone: false, earlier: ['first'] })).toThrow(
      /^4 problems:\n- first\n- `remote-url` is missing.*\n- `known-host-keys`: line 1: not a host key; .*\n- `known-host-keys`: line 2: host certificates/,
    )
  })

  test('an MD5 fingerprint comes with a warning', () => {
    const { warnings } = parseHostKeyQuestion(
      { 'remote-url': 'ssh://h/x', 'known-host-keys': md5Fingerprint(GITHUB) },
      contextWith({ nameOf }),
      { hostAlone: false },
    )
    expect(warnings).toEqual([expect.stringMatching(/^`known-host-keys`: line 1: MD5 no longer proves/)])
  })
})

describe('the command line', () => {
  test('host, flags in both spellings, files', () => {
    expect(parseHostKeysCommand(['h:22', '--known-host-keys', 'a', '--known-host-keys=b=', '--json'])).toMatchObject({
      raw: { 'remote-url': 'h:22', 'known-host-keys': 'a\nb=' },
      files: [],
      switches: new Set(['json']),
      problems: [],
    })
    expect(parseHostKeysCommand(['--known-host-keys-file', '/k', 'h']).files).toEqual([{ input: 'known-host-keys', path: '/k' }])
    expect(parseHostKeysCommand(['-h']).switches).toContain('help')
  })
  test.each([
    [['h', '--jsn'], 'unknown flag --jsn; did you mean --json?'],
    [['h', '--token=secret'], 'unknown flag --token'],
    [['h', 'i', 'https://u:hunter2@x'], 'too many arguments: i https://'],
    [['h', '--known-host-keys'], '--known-host-keys needs a value'],
    [['h', '--known-host-keys', 'a', '--known-host-keys-file', 'b'], '--known-host-keys and --known-host-keys-file exclude each other'],
    [['h', '--known-host-keys-file', 'a', '--known-host-keys-file', 'b'], '--known-host-keys-file is given twice'],
  ])('%j', (args, message) => {
    const problems = parseHostKeysCommand(args).problems.join('\n')
    expect(problems).toContain(message)
    expect(problems).not.toMatch(/hunter2|secret/)
  })
  test('the help fits a terminal', () => expect(Math.max(...HOST_KEYS_HELP.split('\n').map(line => line.length))).toBeLessThanOrEqual(120))
})
