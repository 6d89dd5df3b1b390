import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { parseConfig } from '../../src/settings/config/config-file.ts'
import { type ConfigContext, matrixOf, readMirrors } from '../../src/settings/config/mirrors.ts'
import { hasTrait, INPUTS, type InputName, type RawInputs } from '../../src/settings/inputs.ts'
import { readSettings } from '../../src/settings/parse-settings.ts'
import type { WorkflowRun } from '../../src/settings/workflow-run.ts'
import { type ConfigSchema, schemaProblems } from '../support/json-schema.ts'
import { type ContextChanges, contextWith, ON_GITHUB } from '../support/settings.ts'

const CONTEXT = {
  file: 'mirrors.yml',
  environment: { MIRROR_TOKEN: 'hunter2-token', EMPTY: '' },
  mask: () => {},
  base: { repository: 'o/r', token: 'ghs_here', retries: '3', 'dry-run': 'false' },
}
const read = (text: string, changes: Partial<ConfigContext> = {}, context: ContextChanges = {}) =>
  readMirrors(parseConfig(text), { ...CONTEXT, context: contextWith({ ...ON_GITHUB, ...context }), ...changes })
const FORGE = 'https://git.example.com/g'
const one = (lines: string) => `mirrors:\n  - name: one\n    remote-url: ${FORGE}/one.git\n${lines}`

describe('what a file says', () => {
  test('each mirror has its own inputs, then those of `defaults`, then those of the step', async () => {
    const { mirrors, problems } = await read(`
defaults:
  auth-secret: MIRROR_TOKEN
  prune: none
  branches: [main, 'release/*']
mirrors:
  - name: one
    remote-url: ${FORGE}/one.git
  - name: two
    remote-url: ${FORGE}/two.git
    prune: all
    retries: 0
    branches:
    keep-divergent: false
`)
    expect(problems).toEqual([])
    expect(mirrors.map(({ name, settings }) => [name, settings?.prune, settings?.retries, settings?.there.secret])).toEqual([
      ['one', 'none', 3, 'hunter2-token'],
      ['two', 'all', 0, 'hunter2-token'],
    ])
    expect(mirrors.map(({ settings }) => settings?.selection.branches.map(({ glob }) => glob))).toEqual([['main', 'release/*'], []])
    expect(mirrors[0]?.settings?.here.url.toString()).toBe('https://github.com/o/r.git')
  })

  test.each<[string, string, RawInputs, string]>([
    ['text is text, whatever YAML 1.1 makes of it', '    branches: [on, 0123, 1e3]\n', {}, 'on\n0123\n1e3'],
    ['a block of lines', '    branches: |\n      main\n      dev\n', {}, 'main\ndev\n'],
    ['an alias', '    tags: &names [a, b]\n    branches: *names\n', {}, 'a\nb'],
    ['what the step says, where the file says nothing', '', { branches: 'x' }, 'x'],
    ['the file before the step', '    branches: y\n', { branches: 'x' }, 'y'],
  ])('%s', async (_, lines, base, expected) => {
    const { mirrors, problems } = await read(one(lines), { base: { ...CONTEXT.base, ...base } })
    expect([problems, mirrors[0]?.raw.branches]).toEqual([[], expected])
  })

  test('a dry run of the step is one of every mirror', async () => {
    const base = { ...CONTEXT.base, 'dry-run': 'true' }
    expect((await read(one('    dry-run: false\n'), { base })).mirrors[0]?.settings?.dryRun).toBe(true)
    expect(matrixOf(parseConfig(one('')).mirrors, base)).toMatchObject([{ 'dry-run': 'true' }])
  })

  test.each<[string, RawInputs, boolean]>([
    ['    dry-run: false\n', {}, true],
    ['', { 'dry-run': 'false' }, false],
    ['    dry-run: true\n', { 'dry-run': 'false' }, true],
  ])('only the run says that its purge is no dry run: %j, %j', async (lines, given, dryRun) => {
    const { 'dry-run': _, ...step } = CONTEXT.base
    const base = { ...step, ...given }
    const purge = { ...base, operation: 'purge-backups' }
    expect((await read(one(lines), { base: purge })).mirrors[0]?.settings?.dryRun).toBe(dryRun)
    const [row] = matrixOf(parseConfig(one(lines)).mirrors, base)
    expect(row?.['dry-run']).toBe(lines === '' ? 'false' : dryRun && given['dry-run'] ? 'true' : undefined)
  })

  test("a mirror's own `repository` replaces the `repository-url` of `defaults`", async () => {
    const text = `defaults:\n  repository-url: ${FORGE}/other.git\n${one('    repository: o/own\n')}`
    expect((await read(text)).mirrors[0]?.settings?.here.url.toString()).toBe('https://github.com/o/own.git')
  })

  test('credentials of the step are for no mirror of a file', async () => {
    const { mirrors } = await read(one(''), { base: { ...CONTEXT.base, 'auth-secret': 'hunter2', username: 'bot' } })
    expect(mirrors[0]?.raw).not.toHaveProperty('auth-secret')
    expect(mirrors[0]?.settings?.there).toMatchObject({ secret: null })
  })

  test.each([['NOT_SET'], ['EMPTY']])('a secret that is not there is missing for its mirror alone: %s', async variable => {
    const url = 'ssh://git@git.example.com/two.git'
    const { mirrors, problems } = await read(`${one('')}  - name: two\n    remote-url: ${url}\n    auth-secret: ${variable}\n`)
    expect(problems).toEqual([])
    expect(mirrors.map(({ settings }) => settings !== null)).toEqual([true, false])
    expect(mirrors[1]?.failure?.message).toMatch(
      /^mirrors\.yml:6:18: "two": `auth-secret` is missing: the variable (?:NOT_SET|EMPTY) that the file names is not set, or empty$/,
    )
  })

  describe('what a file names is missed where it is needed', () => {
    const missed = async (mirror: string, context: ContextChanges = {}) => {
      const { mirrors } = await read(`mirrors:\n  - name: one\n${mirror}`, {}, context)
      return mirrors.map(({ failure }) => failure && `${failure.kind} ${failure.message}`)
    }
    const HTTPS = `    remote-url: ${FORGE}/one.git\n`
    const SSH = '    remote-url: ssh://git@git.example.com/two.git\n'
    const none =
      /^credentials-missing mirrors\.yml:\d+:\d+: "one": `[\w-]+` is missing: the variable NOT_SET that the file names is not set, or empty; secrets are stored at PAGE$/
    const secretsPage = 'PAGE'

    test.each<[string, string]>([
      ['a token over https', `${HTTPS}    auth-secret: NOT_SET\n`],
      ['a key over ssh', `${SSH}    auth-secret: NOT_SET\n`],
      ['the passphrase of a key that is there', `${HTTPS}    auth-secret: MIRROR_TOKEN\n    ssh-key-passphrase: NOT_SET\n`],
      ['the key of a certificate', `${HTTPS}    client-certificate: "-----BEGIN CERTIFICATE-----"\n    client-key: NOT_SET\n`],
      ['the token for the repository of the run', `${HTTPS}    token: NOT_SET\n`],
    ])('%s', async (_, mirror) => expect(await missed(mirror, { run: { secretsPage } })).toEqual([expect.stringMatching(none)]))

    test.each<[string, string, ContextChanges]>([
      ['where an agent logs in', `${SSH}    auth-secret: NOT_SET\n`, { agentSocket: '/agent' }],
      ['where nobody logs in', '    remote-url: file:///srv/one.git\n    auth-secret: NOT_SET\n', {}],
      ['where nobody names one', HTTPS, {}],
      ['for a repository of the run that is a directory', `${HTTPS}    repository-url: file:///srv/here.git\n    token: NOT_SET\n`, {}],
      [
        'in a fork, which nobody has given one',
        `${HTTPS}    direction: pull\n    auth-secret: NOT_SET\n`,
        { run: { repository: 'o/r', noSecretsBecause: 'fork' } },
      ],
    ])('but not %s', async (_, mirror, context) => expect(await missed(mirror, context)).toEqual([null]))
  })

  test('as a matrix: without defaults, and with the names of secrets', () => {
    const text = `defaults:\n  prune: none\n  backup: true\n${one('    auth-secret: MIRROR_TOKEN\n    tags: [a, b]\n')}`
    expect(matrixOf(parseConfig(text).mirrors, { direction: 'pull', retries: '3', 'auth-secret': 'hunter2' })).toEqual([
      { name: 'one', 'remote-url': `${FORGE}/one.git`, direction: 'pull', 'auth-secret': 'MIRROR_TOKEN', tags: 'a\nb', prune: 'none' },
    ])
  })
})

describe('where a run can have nothing to do', () => {
  const two = `${one('    auth-secret: NOT_SET\n')}  - name: two\n    remote-url: ${FORGE}/two.git\n    auth-secret: MIRROR_TOKEN\n`

  test.each<[string, Partial<WorkflowRun>, string, (string | null)[]]>([
    ['a fork without the secret of one', {}, two, ['this repository is a fork, which does not have the secret for `auth-secret`', null]],
    ['a repository that should have it', { noSecretsBecause: null }, two, [null, null]],
    [
      'the mirror itself',
      { noSecretsBecause: null },
      two.replace(`${FORGE}/one`, 'https://github.com/o/r'),
      ['the run belongs to "o/r", which is the repository at `remote-url` itself', null],
    ],
  ])('%s', async (_, changes, text, expected) => {
    const { mirrors, problems } = await read(text, {}, { run: { repository: 'o/r', noSecretsBecause: 'fork', ...changes } })
    expect([problems, mirrors.map(({ skipped }) => skipped)]).toEqual([[], expected])
  })
})

describe('a row of the matrix, run as a single mirror, has the settings of the mirror', () => {
  const SECRETS = { MIRROR_TOKEN: 'hunter2-token', HERE_TOKEN: 'hunter2-here' }
  const bases: readonly RawInputs[] = [
    {},
    { 'repository-url': `${FORGE}/step.git`, prune: 'none' },
    { 'dry-run': 'TRUE', 'update-now': 'true', backup: 'false' },
    { operation: 'verify', direction: 'pull' },
  ]
  const defaults = ['', '  repository-url: https://h.example.com/d.git\n  prune: all\n', '  repository: o/default\n  token: HERE_TOKEN\n']
  const own = [
    '',
    '    repository: o/own\n',
    '    repository:\n    token:\n',
    '    repository-url: https://h.example.com/own.git\n    token: HERE_TOKEN\n',
    '    prune:\n    dry-run: false\n    update-now: false\n    branches: [a, b]\n    direction: push\n    username: bot\n',
  ]
  const cases = bases.flatMap(base => defaults.flatMap(shared => own.map(lines => ({ base, shared, lines }))))

  /** The inputs that the reusable workflow makes of a row. */
  function inputsOfRow(row: Readonly<Record<string, string>>, base: RawInputs): RawInputs {
    const environment: Readonly<Record<string, string>> = SECRETS
    const otherwise: RawInputs = { repository: 'o/run', token: 'ghs_here', operation: base.operation ?? '' }
    const read = (name: InputName) => (hasTrait(name, 'secret') ? environment[row[name] ?? ''] : row[name]) || otherwise[name] || ''
    return Object.fromEntries(INPUTS.map(({ name }) => [name, read(name)]))
  }

  test.each(cases)('$base $shared $lines', async ({ base, shared, lines }) => {
    const ofRun = { repository: 'o/run', token: 'ghs_here', ...base }
    const text = `${shared && `defaults:\n${shared}`}${one(`    auth-secret: MIRROR_TOKEN\n${lines}`)}`
    const { mirrors, problems } = await read(text, { environment: SECRETS, base: ofRun })
    expect(problems).toEqual([])
    const [row = {}] = matrixOf(parseConfig(text).mirrors, ofRun)
    const { settings } = await readSettings(inputsOfRow(row, base), contextWith({ ...ON_GITHUB, nameOf: name => name }))
    expect(settings).not.toBeNull()
    expect({ ...settings, warnings: [] }).toEqual({ ...mirrors[0]?.settings, warnings: [] })
  })
})

/** The configuration file that a page shows. */
function exampleOf(page: string): string {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8')
  return /```yaml\n(# \.github\/mirrors\.yml\n[\s\S]*?)```/.exec(text)?.[1] ?? ''
}

test('the example of docs/many-mirrors.md', async () => {
  const text = exampleOf('many-mirrors.md')
  const { mirrors, problems } = await read(text, { environment: { MIRROR_KEY: 'a-password', CODEBERG_TOKEN: 'x', FORK_TOKEN: 'y' } })
  expect(problems).toEqual([])
  expect(
    mirrors.map(({ name, settings }) => [name, settings?.direction, settings?.there.secret, settings?.selection.branches.length]),
  ).toEqual([
    ['gitlab', 'push', 'a-password', 2],
    ['codeberg', 'push', 'x', 0],
    ['upstream', 'pull', null, 2],
  ])
})

describe('what is wrong with a file', () => {
  test.each([
    ['no YAML', 'a: [1\n', ['2:1: Flow sequence']],
    ['a key twice', one('    prune: all\n    prune: none\n'), ['5:5: keys of a map must be unique']],
    ['nothing', '', ['1:1: the file must be a map with the key `mirrors`']],
    ['a list', '- a\n', ['1:1: the file must be a map']],
    ['no mirrors', 'defaults: {}\n', ['1:1: `mirrors` must be a list']],
    ['an empty list', 'mirrors: []\n', ['1:10: `mirrors` must be a list with at least one mirror']],
    ['an unknown key', `${one('')}miror: 1\n`, ['4:1: unknown key "miror"; did you mean `mirrors`?']],
    ['an unknown input', one('    branchs: a\n'), ['4:5: unknown key "branchs"; did you mean `branches`?']],
    ['a mirror without a name', `mirrors:\n  - remote-url: ${FORGE}/x\n`, ['2:5: a mirror has no `name`']],
    ['a name with a slash', `mirrors:\n  - name: a/b\n    remote-url: ${FORGE}/x\n`, ['2:11: `name` must be letters']],
    [
      'a name twice',
      `${one('')}  - name: One\n    remote-url: ${FORGE}/x\n`,
      ['4:5: the name "One" is already used by the mirror in line 2'],
    ],
    ['a text for a mirror', 'mirrors:\n  - x\n', ['2:5: a mirror must be a map']],
    ['no URL', 'mirrors:\n  - name: a\n', ['2:5: "a": `remote-url` is missing']],
    ['a URL for all', `defaults:\n  remote-url: ${FORGE}/x\n${one('')}`, ['2:3: `remote-url` cannot be a default']],
    ['a list for one value', one('    retries: [1]\n'), ['4:5: `retries` must be text']],
    ['a map for a value', one('    branches: { a: b }\n'), ['4:5: `branches` must be text or a list of texts']],
    ['a merge key', one('    <<: { prune: all }\n'), ['4:5: `<<` is not supported']],
    ['an operation', one('    operation: mirror\n'), ['4:5: `operation` is set in the step']],
    ['values', one('    prune: al\n    retries: -1\n'), ['4:12: "one": `prune` must be', '5:14: "one": `retries` must be a whole number']],
    ['a default, told once', `defaults: { prune: al }\n${one('')}  - { name: b, remote-url: "${FORGE}/b" }\n`, ['1:20: `prune` must be']],
    ['a regular expression', one('    branch-regex: "("\n'), ['4:19: "one": `branch-regex` is not a regular expression']],
    ...[
      'ACTIONS_RUNTIME_TOKEN',
      'GITHUB_TOKEN',
      'GH_TOKEN',
      'GITEA_TOKEN',
      'FORGEJO_TOKEN',
      'AWS_SECRET_ACCESS_KEY',
      'CI_JOB_TOKEN',
      'PATH',
      'HTTPS_PROXY',
      'TOKEN',
    ].map(
      name =>
        [
          `a variable of the runner or the machine: ${name}`,
          one(`    auth-secret: ${name}\n`),
          [`4:18: \`auth-secret\` names "${name}", which may hold a secret of the runner or the machine`],
        ] as const,
    ),
    ...(['allow-insecure-http: true', 'ca-certificate: x', 'client-certificate: [x]'] as const).map(
      line =>
        [
          `what decides which servers are trusted: ${line}`,
          one(`    ${line}\n`),
          [`4:5: \`${line.split(':')[0]}\` decides which servers are trusted: set it in the step, or list it there in \`config-may-set\``],
        ] as const,
    ),
  ])('%s', async (_, text, expected) => {
    const { problems } = await read(text)
    expect(problems).toEqual(expected.map(words => expect.stringContaining(`mirrors.yml:${words}`)))
    expect(problems.every(problem => problem.startsWith('mirrors.yml:'))).toBe(true)
  })

  test.each([
    ['auth-secret', 'ghp_abcdefghij0123456789'],
    ['auth-secret', 'glpat-abcdefghij0123'],
    ['auth-secret', 'hunter2'],
    ['auth-secret', 'ATBB3X8Y7Z9Q2W4E'],
    ['auth-secret', 'AKIA0123456789ABCDEF'],
    ['auth-secret', '"-----BEGIN OPENSSH PRIVATE KEY-----\\nb3BlbnNzaC1rZXk\\n-----END OPENSSH PRIVATE KEY-----"'],
    ['token', 'github_pat_abcdefghij'],
    ['client-key', 'MIIEvQIBADANBg'],
    ['known-host-keys', '"-----BEGIN OPENSSH PRIVATE KEY-----"'],
    ['username', 'ghp_abcdefghij0123456789'],
    ['repository-url', 'https://bot:hunter2@git.example.com/x.git'],
  ])('a secret as %s is refused and not shown: %s', async (input, value) => {
    const { problems } = await read(one(`    ${input}: ${value}\n`))
    expect(problems).toEqual([expect.stringMatching(/^mirrors\.yml:4:\d+: `[a-z-]+` (?:must be the name|contains a )/)])
    expect(problems.join()).not.toMatch(/hunter2|ghp_|glpat|BEGIN|MIIE|ATBB|AKIA|abcdef/)
  })

  test('what is no YAML is told without what it holds', async () => {
    const { problems } = await read('mirrors:\n  - name: "a" hunter2\n   b: "hunter2"\n')
    expect(problems.length).toBeGreaterThan(0)
    expect(problems.join()).not.toContain('hunter2')
  })

  test('everything at once, in the order of the file', async () => {
    const { problems } = await read(`x: 1\n${one('    prune: al\n    branchs: a\n')}  - name: two\n`)
    expect(problems.map(text => text.split(':')[1])).toEqual(['1', '5', '6', '7'])
  })

  test('a small file cannot become a large one', async () => {
    const bomb = [
      'a: &a [x, x]',
      ...Array.from({ length: 30 }, (_, i) => `k${i}: &k${i} [*${i === 0 ? 'a' : `k${i - 1}`}, *${i === 0 ? 'a' : `k${i - 1}`}]`),
    ]
    await read(`${bomb.join('\n')}\n${one('    branches: *k29\n')}`)
    const aliases = await read(`mirrors:\n  - &m { name: a, remote-url: "${FORGE}/x" }\n${'  - *m\n'.repeat(200)}`)
    expect(aliases.problems.join()).toContain('the file has more than 100 aliases')
    const keys = Array.from({ length: 2000 }, (_, index) => `    k${index}: x\n`).join('')
    const many = await read(one(keys).replace('- name', '- &m\n    name') + '  - *m\n'.repeat(100))
    expect(many.problems.slice(0, 2)).toEqual([
      'mirrors.yml:1:1: only the first 200 problems of the file are shown',
      'mirrors.yml:3:5: the map has more than 200 keys, and there are not so many inputs',
    ])
    expect(many.problems).toHaveLength(4)
    const mirrors = Array.from({ length: 1000 }, (_, index) => `  - name: m${index}\n    branchs: x\n    x: y\n`).join('')
    expect(parseConfig(`mirrors:\n${mirrors}`).problems).toHaveLength(201)
    expect((await read('#'.repeat(1_000_001))).problems.join()).toContain('longer than 1000000 characters')
  })
})

describe('docs/config.schema.json', () => {
  const schema = JSON.parse(readFileSync(new URL('../../docs/config.schema.json', import.meta.url), 'utf8')) as ConfigSchema
  // An editor knows YAML 1.2 as it is: `true` is no text there.
  const check = (text: string) => schemaProblems(parse(text), schema)

  test('takes the examples', () => {
    expect(check(readFileSync(new URL('../../examples/config/mirrors.yml', import.meta.url), 'utf8'))).toEqual([])
    expect(check(exampleOf('many-mirrors.md'))).toEqual([])
  })

  test.each<[string, string, string[]]>([
    [
      'everything that may be',
      '    prune: all\n    retries: 0\n    keep-divergent: true\n    branches: [a, 1]\n    tags:\n    auth-secret: A_KEY\n',
      [],
    ],
    ['an unknown input', '    branchs: a\n', ['$.mirrors[0].branchs: unknown']],
    ['an operation', '    operation: verify\n', ['$.mirrors[0].operation: unknown']],
    ['an unknown word', '    direction: up\n', ['$.mirrors[0].direction: enum']],
    ['a secret', '    auth-secret: ghp_abc\n', ['$.mirrors[0].auth-secret: pattern']],
    ['two repositories', '    repository: o/r\n    repository-url: https://h/x\n', ['$.mirrors[0]: not']],
    ['a text for a flag', '    atomic: "yes"\n', ['$.mirrors[0].atomic: type']],
    ['a list for one value', '    retries: [1]\n', ['$.mirrors[0].retries: type']],
  ])('%s', (_, lines, problems) => expect(check(one(lines))).toEqual(problems))

  test.each<[string, string, string[]]>([
    ['no mirrors', 'mirrors: []\n', ['$.mirrors: minItems']],
    ['no name', 'mirrors: [{ remote-url: x }]\n', ['$.mirrors[0]: required']],
    ['a URL for all', `defaults: { remote-url: x }\n${one('')}`, ['$.defaults.remote-url: unknown']],
  ])('%s', (_, text, problems) => expect(check(text)).toEqual(problems))
})

describe('what a file cannot do with the secrets of the step', () => {
  test.each(['SSH_PRIVATE_KEY', 'GIT_TOKEN', 'MIRROR_TOKEN', 'NODEJS_KEY'])(
    'a usual name of a secret for mirrors can be named: %s',
    async name => {
      const { mirrors, problems } = await read(one(`    auth-secret: ${name}\n`), { environment: { [name]: 'a-password' } })
      expect([problems, mirrors[0]?.settings?.there.secret]).toEqual([[], 'a-password'])
    },
  )

  test('the password of a proxy is masked, as without a file', async () => {
    const masked: string[] = []
    const environment = { https_proxy: 'http://ada:of-proxy@proxy.example:3128' }
    await read(one(''), { environment, mask: forms => void masked.push(...forms) })
    expect(masked).toContain('of-proxy')
  })

  const file = one(`    repository-url: https://evil.example/steal.git\n    auth-secret: MIRROR_TOKEN\n`)

  test('the token of the step is not sent to a server that the file names', async () => {
    const { mirrors, problems } = await read(file, { base: { ...CONTEXT.base, token: 'github_pat_of_the_step' } })
    expect(problems).toEqual([])
    expect(mirrors[0]?.settings?.here.secret).toBeNull()
    expect(mirrors[0]?.settings?.warnings).toContain('the token of the step was not sent to "evil.example": it is for github.com alone')
  })

  test('one that the file names is', async () => {
    const { mirrors } = await read(`${file}    token: MIRROR_TOKEN\n`)
    expect(mirrors[0]?.settings?.here.secret).toBe('hunter2-token')
  })

  test('what the step allows counts, and so does a file that allows less', () => {
    const text = one('    allow-insecure-http: true\n    ca-certificate: x\n')
    expect(parseConfig(text, new Set(['allow-insecure-http', 'ca-certificate'])).problems).toEqual([])
    expect(parseConfig(one('    allow-insecure-http: false\n    ca-certificate:\n')).problems).toEqual([])
  })
})
