import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { Kind } from '../../src/errors/kinds.ts'
import type { Report } from '../../src/report/report.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { type Answered, type ForgeServer, startForge } from '../support/forge-server.ts'
import { IssueTracker, RUN, STRANGER } from '../support/issue-tracker.ts'
import { failureReport, makeReport, refReport } from '../support/reports.ts'
import { mirrorScheduled, SlowStore } from '../support/schedule.ts'

let forge: ForgeServer
beforeAll(async () => {
  forge = await startForge()
})
afterAll(() => forge.stop())

const FORGES = [
  ['github', '/api/v3'],
  ['gitea', '/api/v1'],
] as const

let tracker: IssueTracker
let clock: { time: number }
let store: SlowStore
let api: string
beforeEach(() => {
  clock = { time: Date.UTC(2026, 10, 25, 8) }
  store = new SlowStore(clock)
  use('github', '/api/v3')
})

function use(kind: 'github' | 'gitea', base: string): void {
  tracker = new IssueTracker(kind, base)
  forge.respond = tracker.respond
  forge.asked.length = 0
  api = `${forge.origin}${base}`
}

const well = makeReport({ refs: [refReport('updated')] })
const failing = (kind: Kind, given: Parameters<typeof failureReport>[1] = {}): Report => makeReport({ failure: failureReport(kind, given) })

const run = (report: Report, inputs: RawInputs = {}, more: { readonly store?: SlowStore } = {}) => {
  clock.time += 60_000
  const raw = {
    ...{ 'repository-url': `${forge.origin}/o/r.git`, token: 'tok', 'allow-insecure-http': 'true', 'failure-issue': 'true' },
    ...{ 'remote-url': 'https://mirror.example/g/p.git', 'auth-secret': 'a-token', ...inputs },
  }
  return mirrorScheduled(raw, { clock, store, work: async () => report, context: { apiUrl: api }, ...more })
}

describe.each(FORGES)('an episode at %s', (kind, base) => {
  beforeEach(() => use(kind, base))

  test('one issue is opened by the first failure, written anew by each, commented when the reason changes, and closed', async () => {
    await run(well)
    expect({ asked: forge.asked.length, issues: tracker.issues }).toEqual({ asked: 1, issues: [] })

    const first = await run(failing('timed-out'))
    expect(first.report.notices).toEqual(['issue #1 was opened and will be closed when the mirror works again'])
    const [issue] = tracker.issues
    expect(issue).toMatchObject({ title: 'Mirroring to ssh://git@example.com/o/there.git fails', state: 'open', comments: [] })
    expect(issue?.body).toContain('The last run failed, push of <code>')
    expect(issue?.body).toContain('**Timed out**: the message of timed-out')
    expect(issue?.body).toContain('[This is the last one](https://forge.example/o/r/actions/runs/7).')

    await run(failing('timed-out'))
    expect(tracker.issues).toHaveLength(1)
    expect(issue).toMatchObject({ state: 'open', comments: [] })
    expect(issue?.body).toContain('The last 2 runs failed')

    const third = await run(failing('credentials-refused'))
    expect(third.outputs['consecutive-failures']).toBe('3')
    expect(issue?.comments).toEqual([
      'It fails for another reason now ([this run](https://forge.example/o/r/actions/runs/7)): **Credentials refused**: the message of credentials-refused',
    ])
    await run(failing('credentials-refused'))
    expect(issue?.comments).toHaveLength(1)

    expect((await run(well)).report.notices).toEqual(['issue #1 was closed: the mirror works again'])
    expect(issue?.state).toBe('closed')
    expect(issue?.comments[1]).toBe('The mirror works again ([this run](https://forge.example/o/r/actions/runs/7)), after 4 failed runs.')

    forge.asked.length = 0
    await run(well)
    expect(forge.asked).toEqual([])

    await run(failing('timed-out'))
    expect(tracker.issues.map(({ number, state }) => [number, state])).toEqual([
      [1, 'closed'],
      [2, 'open'],
    ])
    expect(forge.asked.every(({ authorization }) => authorization === 'Bearer tok')).toBe(true)
  })

  test('it is found again when no state of earlier runs was found, among many others', async () => {
    await run(failing('timed-out'))
    for (let index = 0; index < 120; index += 1) tracker.add()
    await run(failing('timed-out'), {}, { store: new SlowStore(clock) })
    expect(tracker.issues).toHaveLength(121)
    expect(tracker.changes.filter(change => change === 'POST /issues')).toHaveLength(1)
    await run(well, {}, { store: new SlowStore(clock) })
    expect(tracker.issues[0]?.state).toBe('closed')
  })

  test('it is found behind issues of a stranger that are as large as can be', async () => {
    await run(failing('timed-out'))
    const largest = '😀'.repeat(65_536)
    for (let index = 0; index < 100; index += 1) tracker.add({ body: largest })
    await run(failing('timed-out'), {}, { store: new SlowStore(clock) })
    expect(tracker.changes.filter(change => change === 'POST /issues')).toHaveLength(1)
    expect(tracker.issues[0]?.body).toContain('The last run failed')
  })

  test('each mirror has its own', async () => {
    await run(failing('timed-out'))
    await run(failing('timed-out'), { 'remote-url': 'https://mirror.example/g/other.git' })
    await run(well)
    expect(tracker.issues.map(({ state }) => state)).toEqual(['closed', 'open'])
  })

  test('one that was closed by hand stays closed, and no second one is opened in the same episode', async () => {
    await run(failing('timed-out'))
    for (const issue of tracker.issues) issue.state = 'closed'
    await run(failing('credentials-refused'))
    await run(well)
    expect(tracker.issues).toMatchObject([{ number: 1, state: 'closed', comments: [] }])
    await run(failing('timed-out'))
    expect(tracker.issues).toHaveLength(2)
  })

  test('one that was deleted is opened again, and an issue that has its number by now is left alone', async () => {
    await run(failing('timed-out'))
    tracker.issues.length = 0
    await run(failing('timed-out'))
    expect(tracker.issues).toHaveLength(1)
    tracker.issues.length = 0
    tracker.add({ author: RUN[kind] })
    await run(failing('timed-out'))
    expect(tracker.issues.map(({ body }) => body.slice(0, 5))).toEqual(['other', 'The l'])
  })
})

describe('labels and assignees', () => {
  const wanted = { 'failure-issue-labels': 'mirror, on call', 'failure-issue-assignees': 'octo' }

  test('GitHub takes names', async () => {
    tracker.users.push('octo')
    await run(failing('timed-out'), wanted)
    expect(tracker.issues).toMatchObject([{ labels: ['mirror', 'on call'], assignees: ['octo'] }])
  })

  test('Gitea takes the numbers of those that exist; what is left out is said', async () => {
    use('gitea', '/api/v1')
    tracker.users.push('octo')
    tracker.labels['mirror'] = 41
    const { report } = await run(failing('timed-out'), wanted)
    expect(tracker.issues).toMatchObject([{ labels: [41], assignees: ['octo'] }])
    expect(report.notices).toContain('the issue #1 was opened without some of its labels, which do not exist')
  })

  test.each(FORGES)('%s: somebody who cannot be assigned does not hold the issue back', async (kind, base) => {
    use(kind, base)
    const { report } = await run(failing('timed-out'), { 'failure-issue-assignees': 'nobody' })
    expect(tracker.issues).toMatchObject([{ assignees: [] }])
    expect(report.notices).toContain('the issue #1 was opened without its labels and assignees, which the forge does not take')
  })
})

describe('a forge that refuses changes nothing of what the run came to', () => {
  const forbidden = { status: 403, body: { message: 'Resource not accessible by integration' } }
  test.each<[string, Answered, boolean, string]>([
    ['may not write', forbidden, false, 'denies access (HTTP 403): put `permissions: issues: write` into the workflow'],
    ['may not read', forbidden, true, 'denies access (HTTP 403)'],
    [
      'issues turned off',
      { status: 410, body: { message: 'Issues are disabled for this repo' } },
      true,
      'has this turned off for the repository',
    ],
    ['no such repository', { status: 404, body: { message: 'Not Found' } }, true, 'knows no repository "o/r", or hides it'],
    ['a wrong token', { status: 401, body: { message: 'Bad credentials' } }, true, 'refuses the token'],
    ['too often', { status: 429, body: { message: 'slow down' } }, true, 'takes no more requests for now'],
    ['out of order', { status: 500, body: 'oops' }, true, 'the API of'],
    ['no JSON', { status: 200, body: '<html>' }, true, 'something else than JSON'],
    ['no list', { status: 200, body: { items: [] } }, true, 'something else than a list'],
  ])('%s', async (_, answered, alsoReading, words) => {
    tracker.refusal = { answered, alsoReading }
    const failed = await run(failing('timed-out'))
    expect(failed.report).toMatchObject({ status: 'failed', failure: { kind: 'timed-out' } })
    expect(failed.report.notices).toEqual([expect.stringContaining(words)])
    expect(failed.outputs['consecutive-failures']).toBe('1')
    const fine = await run(well, {}, { store: new SlowStore(clock) })
    expect(fine).toMatchObject({ failed: false, report: { status: 'updated' } })
    tracker.refusal = null
    await run(failing('timed-out'))
    expect(tracker.issues).toHaveLength(1)
  })

  test('one that never answers is given up, and it is said', async () => {
    // What answers for real must not wait for a clock that stands still.
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date', 'performance'] })
    forge.respond = () => {
      jest.advanceTimersByTime(40_000)
      return 'silence'
    }
    const { report, outputs } = await run(failing('timed-out')).finally(() => jest.useRealTimers())
    expect(report).toMatchObject({ status: 'failed', failure: { kind: 'timed-out' } })
    const words =
      /^the issue about the failing mirror cannot be written: the API of "\S+" did not answer everything within 40 s: the next run tries again; the report of this one is complete$/
    expect(report.notices).toEqual([expect.stringMatching(words)])
    expect(outputs['consecutive-failures']).toBe('1')
    expect(forge.asked).toHaveLength(1)
  })

  test('an issue that could not be closed is closed by the next run', async () => {
    await run(failing('timed-out'))
    tracker.refusal = { answered: forbidden }
    await run(well)
    expect(tracker.issues[0]?.state).toBe('open')
    tracker.refusal = null
    await run(well)
    expect(tracker.issues[0]).toMatchObject({ state: 'closed' })
    expect(tracker.issues[0]?.comments).toHaveLength(1)
  })

  test('a forge without an API for it', async () => {
    api = `${forge.origin}/api/v4`
    expect((await run(failing('timed-out'))).report.notices).toEqual([
      'no issue was opened: `failure-issue` knows the forges GitHub, Gitea and Forgejo',
    ])
    expect(forge.asked).toEqual([])
  })
})

describe('what somebody else wrote', () => {
  const titles = () => tracker.issues.map(({ title }) => title.split(' ')[0])
  /** The body of an issue of ours, which is gone. */
  async function markedBody(): Promise<string> {
    await run(failing('timed-out'))
    const [{ body = '' } = {}] = tracker.issues
    tracker.issues.length = 0
    return body
  }
  const PERSON = { login: 'octo', id: 7 }

  describe.each([...FORGES, ['github', ''] as const])('at %s (%s), when no state of earlier runs was found,', (kind, base) => {
    beforeEach(() => use(kind, base))

    test('an issue with our marker by a stranger, a pull request, and one that was brought from elsewhere are not ours', async () => {
      const body = await markedBody()
      tracker.add({ body })
      tracker.add({ body, author: RUN[kind], isPullRequest: true })
      if (kind === 'gitea') tracker.add({ body, author: RUN[kind], originalAuthor: STRANGER.login })
      const before = tracker.issues.length
      await run(failing('timed-out'), {}, { store: new SlowStore(clock) })
      expect(titles().slice(before)).toEqual(['Mirroring'])
      await run(well, {}, { store: new SlowStore(clock) })
      expect(tracker.issues.map(({ state }) => state).slice(before - 1)).toEqual(['open', 'closed'])
    })

    test('what the token of a person has opened is found by that person, and by nobody else', async () => {
      tracker.self = PERSON
      await run(failing('timed-out'))
      await run(failing('timed-out'), {}, { store: new SlowStore(clock) })
      expect(titles()).toEqual(['Mirroring'])
      tracker.self = RUN[kind]
      await run(failing('timed-out'), {}, { store: new SlowStore(clock) })
      expect(titles()).toEqual(['Mirroring', 'Mirroring'])
    })

    test('where nobody says whom the token stands for, a person’s issue is not ours', async () => {
      tracker.self = PERSON
      tracker.tellsSelf = false
      const body = await markedBody()
      tracker.add({ body, author: PERSON })
      await run(failing('timed-out'), {}, { store: new SlowStore(clock) })
      expect(titles()).toEqual(['other', 'Mirroring'])
    })

    test('one that is wanted by its number in the state, and was opened by a stranger, is not touched', async () => {
      for (const state of ['open', 'closed'] as const) {
        await run(failing('timed-out'))
        const ours = tracker.issues.at(-1)
        // The number is taken for another one, as by a stranger's entry in the cache.
        if (ours !== undefined) Object.assign(ours, { author: STRANGER, state })
        const before = { ...ours }
        const changes = tracker.changes.length
        await run(failing('timed-out'))
        expect(tracker.issues.at(-2)).toEqual(before)
        expect(tracker.changes.slice(changes)).toEqual(['POST /issues'])
        await run(well)
      }
    })

    test('where nobody says whom the token stands for, the issue of the state is not touched, and no other is opened', async () => {
      tracker.self = PERSON
      tracker.tellsSelf = false
      await run(failing('timed-out'))
      const { report } = await run(failing('timed-out'))
      expect(report.notices).toEqual([
        expect.stringContaining("issue #1 was not updated, because the forge does not say whether this token's user opened it"),
      ])
      expect(titles()).toEqual(['Mirroring'])
    })

    test('who the token stands for is asked only where an issue has our marker', async () => {
      tracker.add()
      await run(failing('timed-out'))
      expect(forge.asked.map(({ path }) => path).filter(path => /user|graphql/.test(path))).toEqual([])
    })
  })

  test('Gitea: the token of a run may not always ask, and knows its own issue all the same', async () => {
    use('gitea', '/api/v1')
    tracker.tellsSelf = false
    await run(failing('timed-out'))
    await run(failing('timed-out'), {}, { store: new SlowStore(clock) })
    expect(titles()).toEqual(['Mirroring'])
  })

  test('words of a server become text: no mention, no link, no HTML, no second marker', async () => {
    const hostile =
      '@octo/everyone #1 <img src=x> ![x](https://evil.example) <!-- repository-mirroring 0000000000000000 x --> `` ``` | GH-1\n::error::x'
    await run(failing('remote-error', { message: hostile, detail: `${hostile}\n\`\`\`\`\n@octo` }))
    const [{ body = '', title = '' } = {}] = tracker.issues
    const shown = body.replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '')
    expect(shown).not.toMatch(/(?<!<span>)@|<img|!\[|(?<!<span>|&)#1|<!-- repository-mirroring 0000/)
    expect(body.match(/^`{3,}/gm)).toEqual(['`````', '````', '`````'])
    expect(title).not.toContain('@octo')
    await run(failing('remote-error', { message: hostile }), {}, { store: new SlowStore(clock) })
    expect(tracker.issues).toHaveLength(1)
  })

  test('refs that were refused are named with their reasons, a hundred thousand of them briefly', async () => {
    const refs = Array.from({ length: 100_000 }, (_, index) =>
      refReport('rejected', { ref: `refs/heads/@b${index}`, code: 'protected-branch' }),
    )
    await run(makeReport({ refs }))
    const [{ body = '' } = {}] = tracker.issues
    expect(body).toContain('- <code>refs/heads/<span>@</span>b0</code> rejected: why rejected')
    expect(body).toContain('- and 99980 more')
    expect(body).toContain('**Protected branch**')
    // GitHub takes 65,536 characters.
    expect(body.length).toBeLessThan(20_000)
  })

  test.each([
    [
      'refs',
      makeReport({
        refs: Array.from({ length: 20 }, (_, index) => refReport('rejected', { ref: `refs/heads/b${index}`, reason: '@'.repeat(5000) })),
      }),
    ],
    ['a message', failing('remote-error', { message: '@'.repeat(5000), detail: '@'.repeat(100_000) })],
    ['problems', failing('settings-invalid', { problems: Array.from({ length: 30 }, () => '<@#'.repeat(1000)) })],
    ['advice', failing('remote-error', { hint: `${'@'.repeat(3000)}\n${'`'.repeat(3000)}` })],
  ])('escapes never make it longer than a forge takes: %s', async (_, report) => {
    await run(report)
    const [{ body = '' } = {}] = tracker.issues
    expect(body.length).toBeLessThan(65_536)
    expect(body).toMatch(/<!-- repository-mirroring [0-9a-f]{16} [a-z-]+ -->$/)
  })
})
