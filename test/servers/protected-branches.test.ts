import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import { readProtectedBranches } from '../../src/forge/protected-branches.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { type Answered, type ForgeServer, startForge } from '../support/forge-server.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, commitAll, git, refsOf } from '../support/git-repository.ts'
import { differences, runMirror } from '../support/mirror.ts'
import { settingsFrom } from '../support/settings.ts'
import { startProxy, type TestProxy } from '../support/tinyproxy.ts'

let http: GitHttp
let plain: ForgeServer
let secure: ForgeServer
let proxy: TestProxy
/** The one that is asked. */
let forge: ForgeServer
beforeAll(async () => {
  http = await startGitHttp()
  plain = await startForge(http.plainOrigin)
  secure = await startForge(http.plainOrigin, { cert: http.client.certificate, key: http.client.key })
  proxy = await startProxy({ user: 'ada', password: 'p-w' })
})
afterAll(async () => {
  await Promise.allSettled([plain, secure, proxy, http].map(async server => await server?.stop()))
})
beforeEach(() => {
  forge = plain
  secure.answers = {}
  secure.asked.length = 0
  forge.answers = {}
  forge.asked.length = 0
})

const API = { github: '/api/v3', gitlab: '/api/v4', gitea: '/api/v1' } as const
type Kind = keyof typeof API

/** Asks the forge; gives which of the names are protected. */
async function ask(kind: Kind, names: readonly string[], { folder = '', path = 'o/r', token = 'tok', ca = '', environment = {} } = {}) {
  const settings = settingsFrom(
    {
      ...{ 'repository-url': `${forge.origin}${folder}/${path}.git`, token, 'remote-url': 'file:///nowhere' },
      ...{ 'allow-insecure-http': 'true', 'protected-only': 'true', 'ca-certificate': ca },
    },
    { apiUrl: `${forge.origin}${folder}${API[kind]}` },
  )
  const { matches, notices } = await readProtectedBranches(settings, {
    environment,
    hide: text => text,
    debug: () => {},
    signal: new AbortController().signal,
  })
  return { names: names.filter(matches), notices }
}

const refusal = async (work: Promise<unknown>): Promise<Failure> => {
  try {
    await work
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('nothing was refused')
}

const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): Answered => ({ body, headers })
const next = (path: string) => ({ Link: `<${forge.origin}${path}>; rel="next", <${forge.origin}/x?page=9>; rel="last"` })

describe('GitHub', () => {
  const BASE = '/api/v3/repos/o/r'
  const BRANCHES = `${BASE}/branches?protected=true&per_page=100`
  const RULESETS = `${BASE}/rulesets?includes_parents=true&per_page=100`
  const branch = (name: string) => ({ name, commit: { sha: 'a'.repeat(40), url: '' }, protected: true })
  const ruleset = (id: number, more: object = {}) => ({
    id,
    name: `rules ${id}`,
    target: 'branch',
    source_type: 'Repository',
    enforcement: 'active',
    ...more,
  })
  const detail = (id: number, include: readonly string[], exclude: readonly string[] = []) => ({
    ...ruleset(id),
    conditions: { ref_name: { include, exclude } },
    rules: [{ type: 'deletion' }],
  })

  test('protected branches, on several pages, and the active rulesets for branches', async () => {
    forge.answers = {
      [BRANCHES]: ok([branch('main')], next(`${BRANCHES}&page=2`)),
      [`${BRANCHES}&page=2`]: ok([branch('old/release')]),
      [RULESETS]: ok(
        [ruleset(1), ruleset(2, { enforcement: 'disabled' }), ruleset(3, { enforcement: 'evaluate' }), ruleset(4, { target: 'tag' })],
        next(`${RULESETS}&page=2`),
      ),
      [`${RULESETS}&page=2`]: ok([ruleset(5, { source_type: 'Organization' })]),
      [`${BASE}/rulesets/1?includes_parents=true`]: ok(detail(1, ['refs/heads/release/**/*'], ['refs/heads/release/x*'])),
      [`${BASE}/rulesets/5?includes_parents=true`]: ok(detail(5, ['~DEFAULT_BRANCH'])),
      [BASE]: ok({ full_name: 'o/r', default_branch: 'trunk' }),
    }
    const names = ['main', 'old/release', 'release/1', 'release/a/b', 'release/x1', 'trunk', 'dev']
    expect(await ask('github', names)).toEqual({ names: ['main', 'old/release', 'release/1', 'release/a/b', 'trunk'], notices: [] })
    expect(forge.asked.every(({ authorization }) => authorization === 'Bearer tok')).toBe(true)
  })

  test('pages without an end, each within its limit, are given up after five minutes', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date', 'performance'] })
    forge.respond = () => {
      jest.advanceTimersByTime(50_000)
      return ok([branch('main')], next(BRANCHES))
    }
    const failure = await refusal(ask('github', [])).finally(() => {
      jest.useRealTimers()
      forge.respond = null
    })
    expect(failure).toMatchObject({ kind: 'timed-out', message: expect.stringContaining('did not answer everything within 300 s') })
    expect(forge.asked.length).toBeLessThan(20)
  })

  test('patterns that would hold up the run for each branch', async () => {
    forge.answers = {
      [BRANCHES]: ok([branch('main')]),
      [RULESETS]: ok([ruleset(1)]),
      [`${BASE}/rulesets/1?includes_parents=true`]: ok(detail(1, [`refs/heads/${'*a'.repeat(500_000)}`])),
    }
    const failure = await refusal(ask('github', ['a'.repeat(200)]))
    expect(failure).toMatchObject({ kind: 'protected-branches-unreadable', message: expect.stringContaining('more than 16384 characters') })
  })

  test('~ALL, less what is excluded', async () => {
    forge.answers = {
      [BRANCHES]: ok([]),
      [RULESETS]: ok([ruleset(1)]),
      [`${BASE}/rulesets/1?includes_parents=true`]: ok(detail(1, ['~ALL'], ['refs/heads/wip/*', '~DEFAULT_BRANCH'])),
      [BASE]: ok({ default_branch: 'main' }),
    }
    expect((await ask('github', ['main', 'a', 'wip/b', 'wip/b/c'])).names).toEqual(['a', 'wip/b/c'])
  })

  test.each<[string, Answered]>([
    ['an old server', { status: 404, body: { message: 'Not Found' } }],
    ['a plan', { status: 403, body: { message: 'Upgrade to GitHub Pro or make this repository public to enable this feature.' } }],
  ])('%s without rulesets has protected branches all the same', async (_, answer) => {
    forge.answers = { [BRANCHES]: ok([branch('main')]), [RULESETS]: answer }
    expect((await ask('github', ['main', 'a'])).names).toEqual(['main'])
  })

  test('a repository that was renamed; not to another origin', async () => {
    forge.answers = {
      [BRANCHES]: {
        status: 301,
        headers: { Location: `${forge.origin}/api/v3/repositories/7/branches?protected=true&per_page=100` },
        body: {},
      },
      '/api/v3/repositories/7/branches?protected=true&per_page=100': ok([branch('main')]),
      [RULESETS]: ok([]),
    }
    expect((await ask('github', ['main'])).names).toEqual(['main'])
    forge.answers = { [BRANCHES]: { status: 302, headers: { Location: 'https://elsewhere.example/login' }, body: {} } }
    expect(await refusal(ask('github', []))).toMatchObject({
      kind: 'protected-branches-unreadable',
      message: expect.stringContaining('redirects elsewhere'),
    })
  })

  test.each<[string, Answered, object]>([
    ['401', { status: 401, body: { message: 'Bad credentials' } }, { kind: 'protected-branches-unreadable', detail: 'Bad credentials' }],
    [
      '403',
      { status: 403, body: { message: 'Resource not accessible by integration' } },
      { kind: 'protected-branches-unreadable', hint: expect.stringContaining('`token`') },
    ],
    [
      '404',
      { status: 404, body: { message: 'Not Found' } },
      { kind: 'protected-branches-unreadable', message: expect.stringContaining('"o/r"') },
    ],
    ['429', { status: 429, headers: { 'Retry-After': '7' }, body: {} }, { kind: 'rate-limited', retryAfterMs: 7000, fault: 'network' }],
    [
      '403 with a limit',
      { status: 403, headers: { 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': '1' }, body: {} },
      { kind: 'rate-limited', retryAfterMs: 0 },
    ],
    [
      '403 with the second limit',
      { status: 403, body: { message: 'You have exceeded a secondary rate limit.' } },
      { kind: 'rate-limited' },
    ],
    ['502', { status: 502, body: '<html>' }, { kind: 'server-error' }],
    ['a page', { body: '<html>log in</html>' }, { kind: 'protected-branches-unreadable', message: expect.stringContaining('JSON') }],
    ['an object', { body: { items: [] } }, { kind: 'protected-branches-unreadable', message: expect.stringContaining('a list') }],
    ['none', { body: [] }, { kind: 'no-protected-branches' }],
  ])('%s', async (_, answer, expected) => {
    forge.answers = { [BRANCHES]: answer, [RULESETS]: ok([]) }
    expect(await refusal(ask('github', []))).toMatchObject(expected)
  })

  test('rulesets that end in the middle are not taken for all of them', async () => {
    forge.answers = {
      [BRANCHES]: ok([branch('main')]),
      [RULESETS]: ok([ruleset(1)], next(`${RULESETS}&page=2`)),
      [`${BASE}/rulesets/1?includes_parents=true`]: ok(detail(1, ['~ALL'])),
    }
    expect(await refusal(ask('github', []))).toMatchObject({ kind: 'protected-branches-unreadable' })
  })

  test('a limit on the rulesets is no "there are none"', async () => {
    forge.answers = { [BRANCHES]: ok([branch('main')]), [RULESETS]: { status: 403, headers: { 'Retry-After': '1' }, body: {} } }
    expect(await refusal(ask('github', []))).toMatchObject({ kind: 'rate-limited' })
  })
})

describe('GitLab', () => {
  const RULES = '/sub/api/v4/projects/group%2Fteam%2Fr/protected_branches?per_page=100'
  const rule = (name: string, inherited = false) => ({
    id: 1,
    name,
    push_access_levels: [],
    merge_access_levels: [],
    allow_force_push: false,
    inherited,
  })

  test('rules of the project and its groups, with wildcards, on several pages, below a path', async () => {
    forge.answers = {
      [RULES]: ok([rule('main'), rule('*-stable', true)], next(`${RULES}&page=2`)),
      [`${RULES}&page=2`]: ok([rule('production/*')]),
    }
    const names = ['main', 'a-stable', 'x/a-stable', 'production/a/b', 'production', 'dev']
    expect(await ask('gitlab', names, { folder: '/sub', path: 'group/team/r' })).toEqual({
      names: ['main', 'a-stable', 'x/a-stable', 'production/a/b'],
      notices: [],
    })
  })

  test.each([401, 403, 404])('%i', async status => {
    forge.answers = { [RULES]: { status, body: { message: `${status} no` } } }
    expect(await refusal(ask('gitlab', [], { folder: '/sub', path: 'group/team/r' }))).toMatchObject({
      kind: 'protected-branches-unreadable',
      detail: `${status} no`,
    })
  })
})

describe('Gitea and Forgejo', () => {
  const BASE = '/git/api/v1/repos/o/r'

  test('rules with globs, below a path', async () => {
    forge.answers = {
      [`${BASE}/branch_protections`]: ok([
        { rule_name: 'Main', branch_name: 'Main' },
        { branch_name: 'release/**' },
        { rule_name: '{a,b}/*' },
      ]),
    }
    const names = ['main', 'release/1/2', 'a/x', 'c/x', 'a/x/y', 'dev']
    expect(await ask('gitea', names, { folder: '/git' })).toEqual({ names: ['main', 'release/1/2', 'a/x'], notices: [] })
  })

  test('with a token that may not read rules, the branches that are protected, and it is said', async () => {
    forge.answers = {
      [`${BASE}/branch_protections`]: {
        status: 403,
        body: { message: 'user should be an owner or a collaborator with admin write of a repository' },
      },
      [`${BASE}/branches?limit=50`]: ok(
        [
          { name: 'main', protected: true },
          { name: 'dev', protected: false },
        ],
        next(`${BASE}/branches?limit=50&page=2`),
      ),
      [`${BASE}/branches?limit=50&page=2`]: ok([{ name: 'old', protected: true }]),
    }
    expect(await ask('gitea', ['main', 'dev', 'old'], { folder: '/git' })).toEqual({
      names: ['main', 'old'],
      notices: [expect.stringContaining('may not read the rules')],
    })
  })

  test('refused both', async () => {
    expect(await refusal(ask('gitea', [], { folder: '/git' }))).toMatchObject({ kind: 'protected-branches-unreadable' })
  })
})

describe.each<[Kind, string, string, string]>([
  ['github', '', '/api/v3/repos/o/r', '/branches?protected=true&per_page=100'],
  ['gitlab', '/sub', '/sub/api/v4/projects/o%2Fr', '/protected_branches?per_page=100'],
  ['gitea', '/git', '/git/api/v1/repos/o/r', '/branch_protections'],
])('%s', (kind, folder, base, list) => {
  const reset = () => String(Math.ceil(Date.now() / 1000) + 90)
  test.each<[string, () => Readonly<Record<string, string>>, number, number]>([
    ['seconds', () => ({ 'Retry-After': '30' }), 30_000, 30_000],
    ['a date', () => ({ 'Retry-After': new Date(Date.now() + 90_000).toUTCString() }), 60_000, 90_000],
    ["GitHub's header", () => ({ 'X-RateLimit-Remaining': '0', 'X-RateLimit-Reset': reset() }), 60_000, 91_000],
    ["GitLab's header", () => ({ 'RateLimit-Remaining': '0', 'RateLimit-Reset': reset() }), 60_000, 91_000],
  ])('429: the wait is told in %s, and is waited for', async (_, headers, least, most) => {
    forge.answers = { [`${base}${list}`]: { status: 429, headers: headers(), body: { message: 'Too Many Requests' } } }
    const failure = await refusal(ask(kind, [], { folder }))
    expect(failure).toMatchObject({ kind: 'rate-limited', fault: 'network' })
    expect(failure.retryAfterMs).toBeGreaterThanOrEqual(least)
    expect(failure.retryAfterMs).toBeLessThanOrEqual(most)
    expect(forge.asked).toHaveLength(1)
  })

  test.each([401, 403, 404])('%i on a later page: what was read before is not taken for all', async status => {
    const path = `${base}${list}`
    forge.answers = {
      [path]: ok([{ name: 'main', rule_name: 'main', protected: true }], next(`${path}&page=2`)),
      [`${path}${path.includes('?') ? '&' : '?'}page=2`]: { status, body: { message: 'no' } },
    }
    expect(await refusal(ask(kind, [], { folder }))).toMatchObject({ kind: 'protected-branches-unreadable', detail: 'no' })
  })

  test('over https with an authority of its own, and through a proxy; the token goes to the forge alone', async () => {
    forge = secure
    forge.answers = {
      [`${base}${list}`]: ok([{ name: 'main', rule_name: 'main', protected: true }]),
      ...(kind === 'github' && { [`${base}/rulesets?includes_parents=true&per_page=100`]: ok([]) }),
    }
    const port = new URL(secure.origin).port
    expect(await refusal(ask(kind, [], { folder }))).toMatchObject({ kind: 'tls-untrusted' })
    expect(forge.asked).toEqual([])
    expect((await ask(kind, ['main', 'dev'], { folder, ca: http.caPem })).names).toEqual(['main'])
    const through = (login: string) => ({ folder, ca: http.caPem, environment: { https_proxy: `http://${login}@${proxy.address}` } })
    const before = proxy.connections().length
    expect((await ask(kind, ['main', 'dev'], through('ada:p-w'))).names).toEqual(['main'])
    expect(proxy.connections().slice(before)).toEqual([`127.0.0.1:${port}`])
    const asked = forge.asked.length
    expect(forge.asked.every(({ authorization }) => authorization === 'Bearer tok')).toBe(true)
    expect(await refusal(ask(kind, [], through('ada:wrong')))).toMatchObject({ kind: 'proxy-refused' })
    expect(forge.asked).toHaveLength(asked)
  })
})

describe('a whole run', () => {
  let number = 0
  let source: string
  let destination: string
  let name: string
  beforeEach(async () => {
    number += 1
    name = `run${number}`
    source = await http.createRepository(name)
    destination = await http.createRepository(`${name}-mirror`)
    await commit(source, 'main')
    await commitAll(
      source,
      ['release/1', 'release/2', 'dev'].map(branch => ({ branch, parents: [] })),
    )
  })
  const run = (inputs: RawInputs = {}) =>
    runMirror(
      {
        ...{ 'repository-url': `${forge.origin}/git/${name}.git`, token: http.token, 'allow-insecure-http': 'true' },
        ...{ 'remote-url': `${http.plainOrigin}/git/${name}-mirror.git`, 'auth-secret': http.token, 'protected-only': 'true', ...inputs },
      },
      { context: { apiUrl: `${forge.origin}/api/v4` } },
    )
  const protect = (...rules: string[]) => {
    forge.answers = { [`/api/v4/projects/git%2F${name}/protected_branches?per_page=100`]: ok(rules.map(rule => ({ name: rule }))) }
  }

  test('only protected branches are created, moved and deleted; a deleted one still counts', async () => {
    protect('main', 'release/*')
    expect(await run()).toMatchObject({ failure: null, outcomes: { main: 'created', 'release/1': 'created', 'release/2': 'created' } })
    const dev = await commit(destination, 'dev', { parents: [], files: { theirs: '1' } })
    await git(source, ['branch', '-D', 'release/2'])
    expect((await run({ prune: 'all' })).outcomes).toEqual({ main: 'up-to-date', 'release/1': 'up-to-date', 'release/2': 'deleted' })
    expect((await refsOf(destination)).get('refs/heads/dev')).toBe(dev)
    expect(await differences(source, destination)).toEqual([expect.stringMatching(/^refs\/heads\/dev: /)])
  })

  test('in a pull the rules of this repository say which branches come in', async () => {
    await git(source, ['branch', '-D', 'release/2'])
    await commitAll(
      destination,
      ['main', 'release/2', 'dev'].map(branch => ({ branch, parents: [], files: { theirs: branch } })),
    )
    protect('release/*', 'dev')
    const before = await refsOf(destination)
    expect((await run({ direction: 'pull' })).outcomes).toEqual({
      dev: 'kept diverged',
      'release/1': 'kept not-pruned',
      'release/2': 'created',
    })
    expect(await refsOf(destination)).toEqual(before)
    expect((await refsOf(source)).get('refs/heads/release/2')).toBe(before.get('refs/heads/release/2'))
  })

  test.each<[string, () => void, RawInputs, string]>([
    ['no rule', () => protect(), {}, 'no-protected-branches'],
    ['the API refuses', () => {}, {}, 'protected-branches-unreadable'],
    ['no branch matches the rules', () => protect('nothing/*'), {}, 'selection-empty'],
    ['no branch matches the names', () => {}, { 'protected-branches': 'nothing' }, 'selection-empty'],
    ['no branch matches the expression', () => {}, { 'protected-only': '', 'branch-regex': '^nothing' }, 'selection-empty'],
    ['no branch matches the patterns', () => {}, { 'protected-only': '', branches: 'nothing' }, 'selection-empty'],
    ['no branch matches all of them', () => protect('main'), { branches: 'dev' }, 'selection-empty'],
  ])('%s: nothing is mirrored', async (_, prepare, inputs, kind) => {
    await git(source, ['tag', 'v1', 'main'])
    prepare()
    expect(await run(inputs)).toMatchObject({ status: 'failed', inSync: false, refs: [], failure: { kind } })
    expect([...(await refsOf(destination)).keys()]).toEqual([])
  })

  test('names and an expression instead of the API, which is not asked', async () => {
    expect((await run({ 'protected-branches': 'main, rel*' })).outcomes).toEqual({
      main: 'created',
      'release/1': 'created',
      'release/2': 'created',
    })
    expect((await run({ 'protected-only': '', 'branch-regex': 'e.*1$' })).outcomes).toEqual({ 'release/1': 'up-to-date' })
    expect(forge.asked).toEqual([])
  })
})
