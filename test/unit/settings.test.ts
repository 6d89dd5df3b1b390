import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import { MIRROR_SYNTAX, parseCommandLine } from '../../src/settings/command-line.ts'
import { environmentName, flagNames, parseFlags } from '../../src/settings/flags.ts'
import { commandHelp } from '../../src/settings/help.ts'
import { INPUTS, inputsWith, type RawInputs } from '../../src/settings/inputs.ts'
import { parseSettings } from '../../src/settings/parse-settings.ts'
import { isTokenOfRun, readActionInputs, readLine } from '../../src/settings/read-inputs.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { nearestTo } from '../../src/text/nearest.ts'
import { VERSION } from '../../src/text/version.ts'
import { readActionFile } from '../support/action-file.ts'
import { type ContextChanges, contextWith, ON_GITHUB, settingsFrom } from '../support/settings.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----\n'
const GOOD: RawInputs = {
  'remote-url': 'https://git.example.com/g/p.git',
  'auth-secret': 's3cret-token',
  repository: 'o/r',
  token: 'ghs_here',
}
const parse = (raw: RawInputs, changes: ContextChanges = {}): Settings => settingsFrom({ ...GOOD, ...raw }, { ...ON_GITHUB, ...changes })

function failureOf(raw: RawInputs): Failure {
  try {
    parse(raw)
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('no failure')
}

test('defaults', () => {
  const settings = parse({})
  expect(settings).toMatchObject({
    keepDivergent: false,
    prune: 'merged',
    maxDeletions: 'default',
    allowUnrelated: false,
    atomic: false,
    dryRun: false,
    retries: 3,
    timeoutMinutes: 60,
    refsPerPush: null,
    pushOptions: [],
    warnings: [],
    selection: { branches: [], tags: [] },
  })
  expect([...settings.failOn]).toEqual(['rejected', 'diverged'])
  expect(settings.here.url.toGit()).toBe('https://github.com/o/r.git')
  expect(settings.here).toMatchObject({ username: 'x-access-token', secret: 'ghs_here' })
  expect(Object.isFrozen(settings)).toBe(true)
})

describe('values', () => {
  test.each<[RawInputs, Partial<Settings>]>([
    [{ 'keep-divergent': 'TRUE' }, { keepDivergent: true }],
    [{ 'dry-run': ' true ' }, { dryRun: true }],
    [{ operation: 'purge-backups' }, { operation: 'purge-backups', dryRun: true }],
    [{ operation: 'purge-backups', 'dry-run': 'true' }, { dryRun: true }],
    [{ operation: 'purge-backups', 'dry-run': ' False ' }, { dryRun: false }],
    [{ operation: 'mirror', 'dry-run': '' }, { dryRun: false }],
    [{ prune: 'all' }, { prune: 'all' }],
    [{ direction: 'push' }, { direction: 'push', keepDivergent: false, prune: 'merged' }],
    [
      { direction: 'push', 'keep-divergent': 'true' },
      { keepDivergent: true, prune: 'merged' },
    ],
    [{ direction: 'pull' }, { direction: 'pull', keepDivergent: true, prune: 'none' }],
    [
      { direction: 'pull', 'keep-divergent': 'false' },
      { keepDivergent: false, prune: 'none' },
    ],
    [
      { direction: 'pull', prune: 'all' },
      { keepDivergent: true, prune: 'all' },
    ],
    [{ 'max-deletions': '5' }, { maxDeletions: { count: 5 } }],
    [{ 'max-deletions': '30 %' }, { maxDeletions: { percent: 30 } }],
    [{ retries: '0' }, { retries: 0 }],
    [{ 'refs-per-push': '3' }, { refsPerPush: 3 }],
    [{ 'timeout-minutes': '1' }, { timeoutMinutes: 1 }],
    [{ 'push-options': 'ci.skip\nvariable=a,b\n\n--x=a\tb' }, { pushOptions: ['ci.skip', 'variable=a,b', '--x=a\tb'] }],
    [
      { branches: 'main, release/*\n!wip' },
      {
        selection: {
          branches: [
            { exclude: false, glob: 'main' },
            { exclude: false, glob: 'release/*' },
            { exclude: true, glob: 'wip' },
          ],
          tags: [],
        },
      },
    ],
    [{ 'fail-on': 'never' }, { failOn: new Set(['never'] as const) }],
  ])('%j', (raw, expected) => expect(parse(raw)).toMatchObject(expected))

  test.each([
    ['https://gitlab.com/g/p.git', '', 'oauth2'],
    ['https://gitlab.example.com/g/p.git', '', 'oauth2'],
    ['https://bitbucket.org/g/p.git', '', 'x-token-auth'],
    ['https://codeberg.org/g/p.git', '', 'x-access-token'],
    ['https://git.example.com/g/p.git', 'bot', 'bot'],
    ['https://me%40x.org@git.example.com/g/p.git', 'bot', 'me@x.org'],
  ])('%s with username %j logs in as %s', (url, username, expected) => {
    expect(parse({ 'remote-url': url, username }).there.username).toBe(expected)
  })

  test('a Bearer token has no user name, and is that of `token`, too, on the same server', () => {
    const bearer = { 'auth-scheme': 'bearer', 'remote-url': 'https://bitbucket.org/g/p.git', 'auth-secret': 'ATBB0', token: 'tok' }
    expect(parse(bearer)).toMatchObject({ there: { username: '', scheme: 'bearer' }, here: { scheme: 'basic' } })
    const same = { 'repository-url': 'https://bitbucket.org/g/q.git' }
    expect(parse({ ...bearer, ...same })).toMatchObject({ here: { scheme: 'bearer', username: '' } })
    expect(parse({ 'token-scheme': 'bearer' })).toMatchObject({ here: { scheme: 'bearer' }, there: { scheme: 'basic' } })
    expect(parse({ ...bearer, ...same, 'token-scheme': 'basic' }).here).toMatchObject({ scheme: 'basic', username: 'x-token-auth' })
  })

  test.each([
    [{ 'remote-url': 'git@h.example:x', 'auth-secret': 'hunter2' }, '`auth-scheme` must not be `bearer`, which is for a token over HTTPS'],
    [{ 'remote-url': '/srv/x.git' }, '/srv/x.git is not an https URL'],
    [{ 'auth-secret': KEY }, '`auth-secret` is an SSH private key'],
    [{ 'auth-secret': '' }, '`auth-secret` is missing; `auth-scheme: bearer` needs a token'],
    [{ 'auth-secret': 'two words' }, '`auth-secret` has characters that a `Bearer` token cannot have'],
    [{ username: 'ada' }, '`username` has no effect with `auth-scheme: bearer`'],
  ])('a Bearer token with %j is refused', (inputs, text) => {
    const failure = failureOf({ 'auth-scheme': 'bearer', ...inputs })
    expect(failure.message).toContain(text)
    expect(failure.problems ?? []).toHaveLength(0)
  })

  test('credentials in the URL work, with a warning that does not show them', () => {
    const settings = parse({ 'remote-url': 'https://bot:hunter2@git.example.com/g/p.git', 'auth-secret': '' })
    expect(settings.there).toMatchObject({ username: 'bot', secret: 'hunter2' })
    expect(settings.warnings).toEqual([expect.stringContaining('`remote-url`: the URL contains credentials')])
    expect(JSON.stringify(settings.warnings) + settings.there.url).not.toContain('hunter2')
  })

  test.each([
    ['https://github.com/other/repo.git', 'ghs_run', 'ghs_run'],
    ['https://gitlab.com/other/repo.git', 'ghs_run', null],
    ['https://github.com:444/other/repo.git', 'ghs_run', null],
    ['https://github.com.evil.example/other/repo.git', 'ghs_run', null],
    ['https://gitlab.com/other/repo.git', 'glpat-mine', 'glpat-mine'],
  ])('the token of the run goes to the server of the run alone: %s', (url, token, expected) => {
    expect(parse({ 'repository-url': url, token }).here.secret).toBe(expected)
  })

  test('over git:// there is no login: all that was given for one is refused at once, except for the token of the run', () => {
    const pull = { direction: 'pull', 'remote-url': 'git://git.example.com/g/p.git', 'allow-insecure-http': 'true' }
    expect(parse({ ...pull, 'auth-secret': '' }).there).toMatchObject({ username: '', secret: null })
    const login = { 'auth-secret': 'hunter2-hunter2', username: 'ada', 'auth-scheme': 'bearer' }
    expect(failureOf({ ...pull, ...login, 'remote-url': 'git://ada:s3cret@git.example.com/g/p.git' }).problems).toEqual([
      '`remote-url`: `git://` has no login: remove what stands before the `@` of the URL',
      '`auth-secret` has no effect with a `git://` URL, which has no login: remove it',
      '`username` has no effect with a `git://` URL, which has no login: remove it',
      '`auth-scheme` must not be `bearer`, which is for a token over HTTPS: git://***@git.example.com/g/p.git is not an https URL',
    ])
    const push = { 'repository-url': 'git://git.example.com/g/p.git', 'allow-insecure-http': 'true' }
    expect(parse({ ...push, token: 'ghs_0123456789' })).toMatchObject({ here: { secret: null }, warnings: [] })
    expect(failureOf({ ...push, token: 'hunter2-hunter2' }).message).toContain('`token` has no effect with a `git://` URL')
    expect(failureOf({ ...push, direction: 'bidirectional' }).message).toContain(
      '`repository-url` is a destination, and `git://` is only for',
    )
  })

  test("which tokens may be the run's", () => {
    expect(isTokenOfRun(' ghs_x\n', {})).toBe('yes')
    expect(isTokenOfRun('ghs_x', {}, 'ghs_x')).toBe('yes')
    expect(isTokenOfRun('ghs_x', {}, 'ghp_x')).toBe('yes')
    expect(isTokenOfRun('ghs_app', {}, 'ghs_x')).toBe('maybe')
    expect(isTokenOfRun('ghs_app', { GITHUB_TOKEN: 'ghs_app' }, 'ghs_x')).toBe('yes')
    expect(isTokenOfRun('ghp_x', {})).toBe('no')
    expect(isTokenOfRun('abc', { GITEA_ACTIONS: 'true' })).toBe('maybe')
    expect(isTokenOfRun('ghs_app', { FORGEJO_ACTIONS: 'true', GITHUB_TOKEN: 'abc' })).toBe('maybe')
    expect(isTokenOfRun('abd', { FORGEJO_ACTIONS: 'true', GITHUB_TOKEN: 'abc' })).toBe('no')
    for (const name of ['GITHUB_TOKEN', 'GITEA_TOKEN', 'FORGEJO_TOKEN', 'ACTIONS_RUNTIME_TOKEN'])
      expect(isTokenOfRun('abc ', { GITEA_ACTIONS: 'true', [name]: 'abc' })).toBe('yes')
  })

  test.each<[string, RawInputs, string | null]>([
    ['https://evil.example/p.git', { 'auth-secret': 'ghs_here' }, 'evil.example'],
    ['https://evil.example/p.git', { 'auth-secret': ' ghs_here\n' }, 'evil.example'],
    ['https://evil.example/p.git', { 'auth-secret': 'ghs_run', token: 'a-token-of-mine' }, 'evil.example'],
    ['https://github.com:444/o/p.git', { 'auth-secret': 'ghs_here' }, 'github.com'],
    ['ssh://git@evil.example/p.git', { 'auth-secret': 'ghs_here' }, 'evil.example'],
    ['https://x:ghs_here@evil.example/p.git', { 'auth-secret': '' }, 'evil.example'],
    ['https://github.com/o/p.git', { 'auth-secret': 'ghs_here' }, null],
    // The token of an app, beside the token of the run.
    ['https://github.example.com/o/p.git', { 'auth-secret': 'ghs_of_app' }, null],
    // One token for two repositories of a third server, or of one server with two names.
    ['https://gitlab.com/g/p.git', { 'auth-secret': 'glpat-1', token: 'glpat-1', 'repository-url': 'https://gitlab.com/g/q.git' }, null],
    ['https://internal.example.com/g/p.git', { 'auth-secret': 'a-token-of-mine', token: 'a-token-of-mine' }, null],
  ])('as `auth-secret` the token of the run is refused for another server: %s %j', (url, inputs, host) => {
    const raw = { 'remote-url': url, ...inputs }
    const input = inputs['auth-secret'] === '' ? 'remote-url' : 'auth-secret'
    if (host === null) expect(parse(raw).there.secret).toBe(inputs['auth-secret'])
    else
      expect(failureOf(raw).message).toContain(
        `\`${input}\` ${input === 'remote-url' ? 'contains' : 'is'} the token of the run, which is only for github.com; give a secret of ${host}`,
      )
  })

  test('the only token of a runner that does not name its own is refused for another server', () => {
    const isGitea = { isTokenOfRun: (token: string) => isTokenOfRun(token, { GITEA_ACTIONS: 'true' }) }
    const raw = { 'remote-url': 'https://evil.example/p.git', 'auth-secret': 'of-gitea ', token: 'of-gitea' }
    expect(() => parse(raw, isGitea)).toThrow('`auth-secret` is the token of the run, which is only for github.com')
    expect(parse({ ...raw, 'auth-secret': 'another' }, isGitea).there.secret).toBe('another')
  })

  test.each([{}, { 'repository-url': 'https://evil.example/q.git' }])("a file cannot name the step's token as a secret: %j", inputs => {
    const raw = { 'remote-url': 'https://evil.example/p.git', 'auth-secret': 'pat', token: 'pat', ...inputs }
    expect(() => parse(raw, { sharesToken: true })).toThrow('`auth-secret` is the token of the step, which is only for github.com')
  })

  test.each([
    ['https://gitlab.com/other/repo.git', null],
    ['https://github.com/other/repo.git', 'pat'],
    ['ssh://git@gitlab.com/other/repo.git', null],
  ])("the step's token for the mirrors of a file goes to the server of the run alone: %s", (url, expected) => {
    const { here } = parse({ 'repository-url': url, token: 'pat' }, { sharesToken: true, agentSocket: '/agent' })
    expect(here.secret).toBe(expected)
  })

  test('a push option that cannot be an argument of git is refused', () => {
    for (const option of ['a\0b', 'a\u001bb', 'a\rb'])
      expect(failureOf({ 'push-options': `ci.skip\n${option}` }).message).toContain('`push-options` has an option with a control character')
  })

  test('a relative path is made absolute', () => {
    expect(parse({ 'repository-url': 'some/dir', token: '' }).here.url.toGit()).toBe('/abs/some/dir')
  })
})

describe('problems', () => {
  test.each<[RawInputs, string]>([
    [{ 'remote-url': '' }, '`remote-url` is missing'],
    [{ 'remote-url': '-oProxyCommand=x' }, '`remote-url`: '],
    [{ 'remote-url': 'http://h/x' }, 'allow-insecure-http'],
    [{ 'dry-run': 'yes' }, '`dry-run` must be true or false, not "yes"'],
    [
      { operation: 'detect' },
      '`operation` must be `mirror`, `verify`, `purge-backups`, `detect-host-keys`, `show-public-key`, `list-mirrors` or `summarize`, not "detect"',
    ],
    [{ 'config-mirror': 'one' }, '`config-mirror` has an effect only with `config`'],
    [{ prune: 'merge' }, '`prune` must be `merged`, `all` or `none`, not "merge"'],
    [{ 'max-deletions': 'many' }, '`max-deletions` must be a number or a percentage such as 25%, not "many"'],
    [{ 'max-deletions': '101%' }, '`max-deletions` must be a number'],
    [{ retries: '-1' }, '`retries` must be a whole number from 0 to 10, not "-1"'],
    [{ retries: '3.5' }, '`retries` must be'],
    [{ 'timeout-minutes': '0' }, '`timeout-minutes` must be a whole number from 1 to 7200, not "0"'],
    [{ 'fail-on': 'rejected, some' }, '`fail-on` must be `rejected`, `diverged`, `any-kept` or `never`, not "some"'],
    [{ 'fail-on': 'rejected, never' }, '`fail-on`: `never` excludes the others'],
    [{ branches: 'refs/heads/main' }, '`branches` takes names without refs/heads/ or refs/tags/'],
    [{ branches: 'a b' }, '`branches` has a pattern that no ref name can match'],
    [{ branches: 'release/[0-9]' }, '`branches` has a pattern that no ref name can match'],
    [{ branches: 'main, !main' }, '`branches` includes and excludes the same'],
    [{ tags: '!' }, '`tags` has a pattern'],
    [{ direction: 'fetch' }, '`direction` must be `push`, `pull` or `bidirectional`, not "fetch"'],
    [{ prune: 'all', 'keep-divergent': 'true' }, '`prune`: `all` contradicts `keep-divergent`'],
    [{ atomic: 'true', 'refs-per-push': '3' }, '`refs-per-push`: contradicts `atomic`'],
    [{ 'refs-per-push': '0' }, '`refs-per-push` must be a whole number from 1 to 5000'],
    [{ 'ca-certificate': '/etc/ssl/ca.pem' }, '`ca-certificate` must be certificates in PEM'],
    [{ repository: 'https://x/y' }, '`repository` must be owner/name'],
    [{ 'remote-url': 'https://github.com/o/r.git' }, '`remote-url` is the same repository as the source'],
    [{ 'remote-url': 'https://github.com/o/r.git', direction: 'pull' }, '`remote-url` is the same repository as the destination'],
    [{ 'remote-url': 'ssh://git@h/x', 'auth-secret': '' }, '`auth-secret` is missing; an SSH URL needs a private key'],
    [{ 'remote-url': 'ssh://git@h/x', 'auth-secret': 'ghp_0123456789' }, '`auth-secret` is an access token'],
    [{ 'auth-secret': KEY }, '`auth-secret` is an SSH private key, but the URL'],
    [{ 'known-host-keys': 'nonsense' }, '`known-host-keys`: '],
  ])('%j', (raw, message) => {
    const failure = failureOf(raw)
    expect(failure.message).toContain(message)
    expect(failure.fault).toMatch(/settings|auth/)
  })

  test('the one problem of a secret that is no key and no password has its own kind', () => {
    expect(failureOf({ 'remote-url': 'git@h:x', 'auth-secret': 'ghp_0123456789' }).kind).toBe('secret-not-a-key')
  })

  test('all at once, none with a secret', () => {
    const failure = failureOf({
      'remote-url': 'ssh://git@h/x',
      'auth-secret': 'hunter2\nhunter2',
      'dry-run': 'maybe',
      retries: 'x',
      tags: 'a b',
    })
    expect(failure.message.split('\n')).toHaveLength(5)
    expect(failure.message).not.toContain('hunter2')
  })
})

describe('action.yml', () => {
  const action = readActionFile(fileURLToPath(new URL('../..', import.meta.url)))
  test('has just the inputs that the code knows, with the same texts and defaults', () => {
    const expected = INPUTS.map(({ name, description, default: value }) => [name, { description, required: false, default: value }])
    expect(Object.entries(action.inputs)).toEqual(expected)
    for (const { name, description } of INPUTS) expect([name, description]).toEqual([name, expect.stringMatching(/^[`A-Z].*[^.\s]$/)])
  })
  test('the runner’s variables are read by name', () => {
    const env = { 'INPUT_REMOTE-URL': 'x', INPUT_TAGS: 'y' }
    expect(readActionInputs(env, () => {})).toMatchObject({ 'remote-url': 'x', tags: 'y', prune: '' })
  })
})

test('the version is that of package.json', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
  expect(VERSION).toBe(version)
})

describe('secrets are masked where they are read', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const all = Object.fromEntries(inputsWith('secret').map(name => [name, `secret of ${name}`]))
  const forms = [...Object.values(all), ...Object.values(all).map(base64), ...Object.values(all).map(text => base64(`a@b:${text}`))]

  test('of a step', () => {
    const masked: string[] = []
    const raw = { ...all, username: 'a%40b', 'remote-url': 'https://u:in-the-url@h.example/p' }
    readActionInputs(
      Object.fromEntries(Object.entries(raw).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
      texts => void masked.push(...texts),
    )
    expect(masked).toEqual(expect.arrayContaining([...forms, 'in-the-url', base64('u:in-the-url')]))
  })

  test('of a command: variables and files, where the file counts', async () => {
    const masked: string[] = []
    const file = join(temporaryDirectory(), 'token')
    writeFileSync(file, 'in a file\n')
    const env: NodeJS.ProcessEnv = Object.fromEntries(Object.entries(all).map(([name, value]) => [environmentName(name), value]))
    env['HTTPS_PROXY'] = 'http://ada:of-the-proxy@proxy.example:3128'
    const line = parseCommandLine([
      'a',
      'ssh://u:in-the-url@h.example/p',
      '--token-file',
      file,
      '--client-key-file',
      '/no/file',
      '--username',
      'a@b',
    ])
    const { raw, problems, unread } = await readLine(line, env, texts => void masked.push(...texts))
    expect(raw).toMatchObject({ ...all, token: 'in a file\n' })
    expect(problems).toEqual([expect.stringMatching(/^--client-key-file: "\/no\/file" could not be read: ENOENT/)])
    expect(masked).toEqual(expect.arrayContaining([...forms, 'in a file', 'in-the-url', 'of-the-proxy']))
    expect(unread).toEqual(['client-key'])
  })
})

describe('command line', () => {
  const read = (...args: string[]) => parseCommandLine(args)
  test('FROM, TO, flags in both spellings, switches, files, secrets', () => {
    expect(
      read(
        'a',
        '--prune=all',
        'b',
        '--dry-run',
        '--max-deletions',
        '5',
        '--json',
        '--token-file',
        '/t',
        '--branches',
        'x',
        '--branches',
        'y',
      ),
    ).toEqual({
      raw: {
        'repository-url': 'a',
        'remote-url': 'b',
        prune: 'all',
        'dry-run': 'true',
        'max-deletions': '5',
        branches: 'x\ny',
      },
      secrets: ['auth-secret', 'ssh-key-passphrase', 'client-key', 'token'],
      files: [{ input: 'token', path: '/t' }],
      positional: ['a', 'b'],
      values: new Map(),
      switches: new Set(['json']),
      problems: [],
    })
  })
  test.each([
    [['a', 'b', '--direction', 'push'], { 'repository-url': 'a', 'remote-url': 'b' }],
    [['a', 'b', '--direction', 'pull'], { 'repository-url': 'b', 'remote-url': 'a' }],
    [['--direction=pull', 'a', 'b'], { 'repository-url': 'b', 'remote-url': 'a' }],
  ])('FROM is the source whatever the direction: %j', (args, urls) => expect(read(...args).raw).toMatchObject(urls))
  test.each([
    [['a', 'b', '--atomic'], 'true'],
    [['a', 'b', '--no-atomic'], 'false'],
    [['--no-atomic', 'a', 'b'], 'false'],
    [['a', 'b', '--atomic=false'], 'false'],
    [['a', 'b', '--atomic=maybe'], 'maybe'],
  ])('a boolean: %j', (args, value) => {
    expect(read(...args)).toMatchObject({ raw: { atomic: value, 'repository-url': 'a', 'remote-url': 'b' }, problems: [] })
  })
  test.each(inputsWith('list').filter(name => MIRROR_SYNTAX.inputs.includes(name)))('a list adds up: --%s', name => {
    expect(read('a', 'b', `--${name}`, 'x', `--${name}=y`)).toMatchObject({ raw: { [name]: 'x\ny' }, problems: [] })
  })
  test('of a flag that is given twice the first value is checked as well', () => {
    const line = read('a', 'b', '--prune', 'sideways', '--prune', 'all')
    expect(line).toMatchObject({ raw: { prune: 'sideways' }, problems: ['--prune is given twice'] })
  })
  test('after -- everything is an argument', () => {
    expect(read('--prune', 'all', '--', '--json', 'b')).toMatchObject({
      raw: { 'repository-url': '--json', 'remote-url': 'b' },
      problems: [],
    })
  })
  test('an empty value of an input is its default', () => expect(read('a', 'b', '--username', '').problems).toEqual([]))
  test.each([
    [['a', 'b', '--prun', 'all'], 'unknown flag --prun; did you mean --prune?'],
    [['a', 'b', '--zzzzzzzz'], 'unknown flag --zzzzzzzz'],
    [
      ['a', 'b', '--auth-secret', 'x'],
      '--auth-secret would show the secret to every process on this machine: use the variable REPOSITORY_MIRRORING_AUTH_SECRET, or --auth-secret-file',
    ],
    [['a', 'b', '--token=x'], '--token would show the secret'],
    [['a', 'b', '--prune'], '--prune needs a value'],
    [['a', 'b', '--json=1'], '--json takes no value'],
    [['a', 'b', 'c'], 'too many arguments: c'],
    [['a', 'b', '--remote-url', 'x'], 'unknown flag --remote-url'],
    [['--prun', 'all', 'a', 'b'], 'unknown flag --prun; did you mean --prune?'],
    [['a', 'b', '-x'], 'unknown flag -x'],
    [['a', 'b', '-jh'], 'unknown flag -jh'],
    [['a', 'b', '--json', '--json'], '--json is given twice'],
    [['a', 'b', '--dry-run', '--dry-run=false'], '--dry-run is given twice'],
    [['a', 'b', '--backup', '--no-backup'], '--backup and --no-backup exclude each other'],
    [['a', 'b', '--token-file', 'x', '--token-file', 'y'], '--token-file is given twice'],
    [['a', 'b', '--token-file', ''], '--token-file needs a value'],
    [['a', 'b', '--backup', 'false'], '--backup false must be written as --no-backup or --backup=false'],
    [['a', 'b', '--backup', 'TRUE'], '--backup TRUE must be written as --backup'],
    [['a', 'b', '--no-backup', 'true'], '--no-backup true must be written as --no-backup or --backup=false'],
    [['a', 'b', '--no-backup=x'], '--no-backup takes no value'],
    [['a', 'b', '--no-bakup'], 'unknown flag --no-bakup; did you mean --no-backup?'],
    [['a', 'b', '--no-prune'], '--no-prune does not exist: --prune takes `merged`, `all` or `none`'],
    [['a', 'b', '--no-username'], '--no-username does not exist: --username takes a value'],
    [['a', 'b', '--no-json'], '--no-json does not exist: leave --json out'],
    [['a', 'b', '--min-interval', '5m'], '--min-interval has an effect only in a workflow'],
  ])('%j', (args, message) => {
    expect(read(...args).problems).toEqual([expect.stringContaining(message)])
  })
  test('flags and values are told together', () => {
    const line = read('--prun', '--retries', 'many')
    expect(() => parseSettings(line.raw, contextWith({ nameOf: name => `--${name}` }), line)).toThrow(
      /4 problems:\n- unknown flag --prun; did you mean --prune\?\n- --repository-url is missing.*\n- --remote-url is missing.*\n- --retries must be a whole number/,
    )
  })
  test('a command without flags has help alone', () => {
    const read = (...args: string[]) => parseFlags(args, { inputs: [], positional: 0 })
    expect(read('-h').switches).toContain('help')
    expect(read('x', '--backup', '--config', 'y').problems).toEqual([
      'unknown flag --backup',
      'unknown flag --config',
      'too many arguments: x',
    ])
  })
  test('the help names every flag and every secret', () => {
    const help = commandHelp('mirror')
    for (const flag of flagNames(MIRROR_SYNTAX).filter(name => !/-file$|^(?:no-.*|help)$/.test(name)))
      expect(help).toMatch(new RegExp(`--(?:\\[no-\\])?${flag}\\b`))
    for (const name of ['auth-secret', 'token', 'ssh-key-passphrase']) expect(help).toContain(environmentName(name))
    expect(commandHelp('plan')).not.toMatch(/--\S*dry-run/)
    expect(commandHelp('verify')).toContain('--branch-regex')
    expect(commandHelp('verify')).not.toMatch(/--\S*backup/)
    expect(commandHelp('purge-backups')).toContain('--[no-]dry-run')
    expect(Math.max(...help.split('\n').map(line => line.length))).toBeLessThanOrEqual(120)
  })
  test('the nearest word, if it is near', () => {
    expect(nearestTo('miror', ['mirror', 'plan'])).toBe('mirror')
    expect(nearestTo('xyzzy', ['mirror', 'plan'])).toBeNull()
  })
})
