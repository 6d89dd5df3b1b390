import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import { parseConfig } from '../../src/settings/config/config-file.ts'
import { uselessNextToConfig } from '../../src/settings/config/mirrors.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { INPUTS } from '../../src/settings/inputs.ts'
import { maskSecrets } from '../../src/settings/read-inputs.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { ON_GITHUB, settingsFrom } from '../support/settings.ts'

const GOOD: RawInputs = {
  'remote-url': 'https://git.example.com/g/p.git',
  'auth-secret': 's3cret-token',
  username: 'bot',
  repository: 'o/r',
  token: 'ghs_here',
}
const OVER_SSH: RawInputs = { 'remote-url': 'ssh://git@git.example.com:2222/g/p.git', 'auth-secret': 'hunter2-hunter2', username: '' }

const parse = (raw: RawInputs): Settings => settingsFrom({ ...GOOD, ...raw }, ON_GITHUB)

function problemsOf(raw: RawInputs): string {
  try {
    parse(raw)
  } catch (error) {
    if (error instanceof Failure) return error.message
    throw error
  }
  throw new Error('no failure')
}

test('defaults', () => {
  expect(parse({})).toMatchObject({ lfs: 'auto', lfsUrl: { here: null, there: null }, lfsBatchSize: 2 * 1024 ** 3, warnings: [] })
})

describe('whether LFS files are moved', () => {
  test.each([
    ['auto', 'auto'],
    ['true', 'true'],
    ['TRUE', 'true'],
    ['False', 'false'],
    ['false', 'false'],
  ])('%s', (lfs, expected) => expect(parse({ lfs }).lfs).toBe(expected))
  test.each(['yes', 'Auto', '1'])('%s', lfs =>
    expect(problemsOf({ lfs })).toBe(`\`lfs\` must be \`auto\`, \`true\` or \`false\`, not "${lfs}"`),
  )
  test('an endpoint is of no use without', () => {
    const { warnings } = parse({ lfs: 'false', 'lfs-url': 'https://github.com/o/lfs', 'remote-lfs-url': 'https://git.example.com/lfs' })
    expect(warnings).toEqual([
      '`lfs-url` has no effect with `lfs: false`, which moves no LFS files',
      '`remote-lfs-url` has no effect with `lfs: false`, which moves no LFS files',
    ])
  })
})

describe('how much at a time', () => {
  test.each([
    ['1048576', 1_048_576],
    ['1MiB', 1_048_576],
    ['500MB', 500_000_000],
    ['500 mb', 500_000_000],
    ['2GiB', 2_147_483_648],
    ['2000000KB', 2_000_000_000],
    ['4096kib', 4_194_304],
    ['3000000B', 3_000_000],
    ['1TB', 10 ** 12],
    ['1TiB', 1024 ** 4],
  ])('%s', (text, bytes) => expect(parse({ 'lfs-batch-size': text }).lfsBatchSize).toBe(bytes))
  test.each(['1048575', '1MB', '0', '2TiB', '-1', '1.5GiB', '2 G', '2GiBs', 'GiB', '1e9', '1iB', '99999999999999999999'])('%s', text => {
    expect(problemsOf({ 'lfs-batch-size': text })).toBe(
      `\`lfs-batch-size\` must be a size from 1MiB to 1TiB, such as 500MB or 2GiB, or a number of bytes, not "${text}"`,
    )
  })
})

describe('who is shown which credentials', () => {
  test.each<[why: string, RawInputs, username: string, secret: string | null]>([
    ['the same server', { 'remote-lfs-url': 'https://git.example.com/lfs' }, 'bot', 's3cret-token'],
    ['its usual port', { 'remote-lfs-url': 'https://git.example.com:443/lfs' }, 'bot', 's3cret-token'],
    ['another port', { 'remote-lfs-url': 'https://git.example.com:8443/lfs' }, '', null],
    ['another host', { 'remote-lfs-url': 'https://lfs.example.com/lfs' }, '', null],
    ['a host that begins alike', { 'remote-lfs-url': 'https://git.example.com.evil.example/lfs' }, '', null],
    ['the host of the other side', { 'remote-lfs-url': 'https://github.com/o/lfs' }, '', null],
    ['clear text', { 'remote-lfs-url': 'http://git.example.com/lfs', 'allow-insecure-http': 'true' }, '', null],
    ['another host, with its own', { 'remote-lfs-url': 'https://ada:pw-of-lfs@lfs.example.com/lfs' }, 'ada', 'pw-of-lfs'],
    [
      'another host, with a token',
      { 'remote-lfs-url': 'https://glpat-12345678901234567890@gitlab.example.com/lfs' },
      'oauth2',
      'glpat-12345678901234567890',
    ],
    ['another host, with a user alone', { 'remote-lfs-url': 'https://ada@lfs.example.com/lfs' }, '', null],
    ['the same server, with its own', { 'remote-lfs-url': 'https://ada:pw-of-lfs@git.example.com/lfs' }, 'bot', 's3cret-token'],
    [
      'the same where the remote has none',
      { 'remote-lfs-url': 'https://ada:pw-of-lfs@git.example.com/lfs', 'auth-secret': '' },
      'ada',
      'pw-of-lfs',
    ],
    ['https next to ssh', { ...OVER_SSH, 'remote-lfs-url': 'https://git.example.com/lfs' }, '', null],
    ['ssh, the same login', { ...OVER_SSH, 'remote-lfs-url': 'ssh://git@git.example.com:2222/lfs' }, 'git', 'hunter2-hunter2'],
    ['ssh, scp-style, without a user', { ...OVER_SSH, 'remote-lfs-url': '[git.example.com:2222]:lfs' }, 'git', 'hunter2-hunter2'],
  ])('%s', (_, raw, username, secret) => {
    expect(parse(raw).lfsUrl.there).toMatchObject({ username, secret })
    expect(parse(raw).lfsUrl.here).toBeNull()
  })

  test('the repository of the run has its own', () => {
    const { here, there } = parse({ 'lfs-url': 'https://github.com/o/lfs' }).lfsUrl
    expect(here).toMatchObject({ username: 'x-access-token', secret: 'ghs_here' })
    expect(there).toBeNull()
    expect(parse({ 'lfs-url': 'https://git.example.com/lfs' }).lfsUrl.here).toMatchObject({ username: '', secret: null })
  })

  test('the token of the run goes to no server but its own', () => {
    const raw = { 'repository-url': 'https://gitlab.com/g/p.git', 'lfs-url': 'https://gitlab.com/g/lfs', token: 'ghs_run' }
    expect(parse(raw).lfsUrl.here?.secret).toBeNull()
  })
})

describe('credentials in the URL', () => {
  const SECRET = 'pw-of-lfs/%+'
  const raw = { 'remote-lfs-url': `https://ada:${encodeURIComponent(SECRET)}@lfs.example.com/lfs` }

  test('are warned about, and not shown', () => {
    const { warnings, lfsUrl } = parse(raw)
    expect(warnings).toEqual(['`remote-lfs-url`: the URL contains credentials; store the whole URL as a secret'])
    expect(JSON.stringify([warnings, lfsUrl.there?.url])).not.toContain('pw-of-lfs')
    expect(parse({ 'remote-lfs-url': 'https://ada:pw@git.example.com/lfs' }).warnings).toEqual([
      '`remote-lfs-url`: the URL contains credentials; put them in `auth-secret` instead',
    ])
    expect(parse({ 'lfs-url': 'https://ada:pw@github.com/lfs' }).warnings).toEqual([
      '`lfs-url`: the URL contains credentials; put them in `token` instead',
    ])
  })

  test.each([
    ['of another host', raw],
    ['of the same, where they do not count', { 'remote-lfs-url': `https://ada:${encodeURIComponent(SECRET)}@git.example.com/lfs` }],
    ['of the repository of the run', { 'lfs-url': `https://ada:${encodeURIComponent(SECRET)}@lfs.example.com/lfs` }],
  ])('are masked in every form: %s', (_, inputs) => {
    const masked: string[] = []
    maskSecrets({ ...GOOD, ...inputs }, texts => void masked.push(...texts))
    const base64 = (text: string) => Buffer.from(text).toString('base64')
    expect(masked).toEqual(expect.arrayContaining([SECRET, encodeURIComponent(SECRET), base64(SECRET), base64(`ada:${SECRET}`)]))
    expect(masked).toContain('s3cret-token')
  })
})

describe('problems', () => {
  const SSH_ELSEWHERE = 'must not name another SSH server, port or user, as'
  const LOGIN = 'the host keys and the login are only for ssh://git@git.example.com:2222/g/p.git'
  test.each<[RawInputs, string]>([
    [{ 'lfs-url': 'ftp://git.example.com/lfs' }, '`lfs-url`: the protocol `ftp://` is not supported'],
    [{ 'lfs-url': 'file:///srv/lfs' }, '`lfs-url` must be an https or ssh URL, not file:///srv/lfs'],
    [{ 'lfs-url': '/srv/lfs' }, '`lfs-url` must be an https or ssh URL, not /srv/lfs'],
    [{ 'lfs-url': 'git://h/lfs', 'allow-insecure-http': 'true' }, '`lfs-url` must be an https or ssh URL, not git://h/lfs'],
    [{ 'lfs-url': 'https://lfs.example.com' }, '`lfs-url`: the URL has no path'],
    [
      { ...OVER_SSH, 'remote-lfs-url': 'ssh://git@git.example.com:2222/a;id' },
      '`remote-lfs-url`: the path of an ssh URL may have only letters, digits and `. _ ~ / + @ -`',
    ],
    [{ 'remote-lfs-url': 'http://git.example.com/lfs' }, '`remote-lfs-url`: `http://` sends everything in clear text'],
    [
      { 'remote-lfs-url': 'ssh://git@git.example.com/lfs' },
      `\`remote-lfs-url\` ${SSH_ELSEWHERE} ssh://git@git.example.com/lfs does: there is no SSH login, because https://git.example.com/g/p.git is not an ssh URL`,
    ],
    ...['ssh://git@git.example.com/lfs', 'ssh://root@git.example.com:2222/lfs', 'ssh://git@evil.example.com:2222/lfs'].map(
      (url): [RawInputs, string] => [{ ...OVER_SSH, 'remote-lfs-url': url }, `\`remote-lfs-url\` ${SSH_ELSEWHERE} ${url} does: ${LOGIN}`],
    ),
    [
      { 'remote-lfs-url': 'https://ada:Bearer%20pw-of-lfs@lfs.example.com/lfs' },
      '`remote-lfs-url` begins with a word that belongs to a header',
    ],
    [
      { 'remote-lfs-url': 'https://ATBB-app-password-12345@bitbucket.org/lfs' },
      '`remote-lfs-url` is missing: an app password of Bitbucket',
    ],
  ])('%j', (raw, message) => expect(problemsOf(raw)).toContain(message))

  test('all at once, none with a secret', () => {
    const message = problemsOf({
      lfs: 'maybe',
      'lfs-batch-size': 'much',
      'lfs-url': 'ftp://ada:pw-of-lfs@lfs.example.com/lfs',
      'remote-lfs-url': 'ssh://git:pw-of-lfs@lfs.example.com/lfs',
    })
    expect(message.split('\n')).toHaveLength(5)
    expect(message).not.toContain('pw-of-lfs')
  })
})

describe('in a file of many mirrors', () => {
  const problemsIn = (line: string) =>
    parseConfig(`mirrors:\n  - name: a\n    remote-url: https://h/p\n    ${line}\n`).problems.map(({ text }) => text)
  test('a password in a URL is refused', () => {
    expect(problemsIn('lfs-url: https://ada:pw-of-lfs@lfs.example.com/lfs').join()).toMatch(/`lfs-url` contains a password/)
    expect(problemsIn('remote-lfs-url: https://ada:pw-of-lfs@lfs.example.com/lfs').join()).toMatch(/`remote-lfs-url` contains a password/)
    expect(problemsIn('remote-lfs-url: https://lfs.example.com/lfs')).toEqual([])
  })
  test('`lfs: true` is taken for what it says', () => expect(problemsIn('lfs: true')).toEqual([]))
  test("a step's endpoint would count for every mirror, and so for none", () =>
    expect(uselessNextToConfig({ 'lfs-url': 'https://h/a', 'remote-lfs-url': 'https://h/b', lfs: 'true' })).toEqual([
      'lfs-url',
      'remote-lfs-url',
    ]))
  test('the defaults of action.yml, which a step always has, are no fault', () => {
    const defaults = Object.fromEntries(INPUTS.flatMap(input => ('default' in input ? [[input.name, input.default]] : [])))
    expect(defaults).toMatchObject({ 'auth-scheme': 'basic' })
    expect(uselessNextToConfig(defaults)).toEqual([])
    expect(uselessNextToConfig({ 'auth-scheme': 'bearer' })).toEqual(['auth-scheme'])
  })
})
