import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { classify, ERROR_TABLE, pushLimitIn } from '../../src/errors/error-table.ts'
import { Failure } from '../../src/errors/failure.ts'
import { docsOf, KINDS } from '../../src/errors/kinds.ts'
import { GO_TEXTS, LFS_TEXTS, TEXTS } from '../support/known-texts.ts'
import { messages } from '../support/server-messages.ts'

describe('the table of texts', () => {
  test.each([...TEXTS, ...LFS_TEXTS, ...GO_TEXTS])('%s: %s', (kind, text, says = /./) => {
    const row = classify(text)
    expect(row?.kind).toBe(kind)
    expect(row?.hint ?? KINDS[kind].hint).toMatch(says)
  })
  test.each([...LFS_TEXTS, ...GO_TEXTS])('%s: %s, next to the last words of a download', (kind, text) => {
    expect(classify(`${text}\nerror: failed to fetch some objects from 'http://127.0.0.1:44639/r.git/info/lfs'`)?.kind).toBe(kind)
  })
  test('a text that nobody knows has no kind', () => expect(classify('the moon is full')).toBeNull())
  test('every row is the first for some text, so none is swallowed by one above it', () => {
    const texts = [...[...TEXTS, ...LFS_TEXTS, ...GO_TEXTS].map(([, text]) => text), ...messages.map(({ text }) => text)]
    const reached = new Set(texts.map(classify))
    expect(ERROR_TABLE.filter(row => !reached.has(row)).map(({ match }) => match.source)).toEqual([])
  })
  test('what concerns a whole request is told apart', () => {
    expect(classify('pre-receive hook declined')?.scope).toBe('request')
    expect(classify('hook declined')?.scope).toBe('ref')
  })
  test('what git-lfs is told by a server concerns LFS files', () => {
    expect(LFS_TEXTS.map(([, text]) => classify(text)?.scope)).toEqual(LFS_TEXTS.map(() => 'lfs'))
  })
  test('the limit that a server names', () => {
    expect(pushLimitIn('- Pushes can not update more than 5 branches or tags.')).toBe(5)
    expect(pushLimitIn('nothing of the kind')).toBeNull()
  })
})

/** As GitHub makes them: lower case, without punctuation, hyphens for spaces. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')

describe('kinds', () => {
  const page = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8')
  const headings = new Set([...page.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading))
  test('each has its heading in the troubleshooting page, and each heading its kind', () => {
    expect([...headings].sort()).toEqual(Object.keys(KINDS).sort())
  })
  test('each section begins with the title, and has symptom, cause, fix and how to check', () => {
    const sections = page.split(/^#{3,4} /m).slice(1)
    const lacking = ['Symptom', 'Cause', 'Fix', 'Check'].flatMap(word =>
      sections.filter(text => !new RegExp(`\\n- ${word}: \\S`).test(text)).map(text => `${text.split('\n')[0]}: ${word}`),
    )
    expect(lacking).toEqual([])
    for (const [kind, { title }] of Object.entries(KINDS)) expect(page).toContain(`### ${kind}\n\n**${title}.**\n`)
  })
  test.each([
    ['Received RST_STREAM with error code 2', 'private-email'],
    ['Deadline Exceeded', 'timed-out'],
    ['Connection blocked because server only allows public key authentication', 'ssh-key-refused'],
    ['Could not read Username: terminal prompts disabled', 'credentials-missing'],
    ['LFS files are missing', 'lfs-objects-required'],
    ['The repository is being updated', null],
    ['Invalid URL', 'settings-invalid'],
  ])("GitLab's entry %j has its section, which leads to %s", (heading, kind) => {
    const section = new RegExp(`^#### ${heading}\\n([\\s\\S]*?)(?=^#|(?![\\s\\S]))`, 'm').exec(page)?.[1] ?? ''
    expect(section).not.toBe('')
    if (kind !== null) expect(section).toContain(`(#${kind})`)
  })
  test('links within the page lead somewhere', () => {
    const anchors = [...page.matchAll(/^#{1,4} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))
    expect([...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor).filter(anchor => !anchors.includes(anchor ?? ''))).toEqual([])
  })
  test('links lead to the heading', () => expect(docsOf('raced')).toMatch(/docs\/troubleshooting\.md#raced$/))
  test('hints and titles are short, and no sentence ends with a full stop', () => {
    for (const { title, hint } of Object.values(KINDS)) {
      expect(title.length).toBeLessThan(60)
      expect(hint).not.toMatch(/\.$/)
    }
  })
})

describe('Failure', () => {
  test('what nobody foresaw is our bug', () =>
    expect(Failure.from(new TypeError('x is not a function'))).toMatchObject({ kind: 'internal', fault: 'bug' }))
  test('a full disk of this machine is none', () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    expect(Failure.from(error)).toMatchObject({
      kind: 'disk-full',
      message: 'this machine is full: ENOSPC: no space left on device, write',
    })
  })
  test('a failure stays what it is', () => {
    const failure = new Failure('raced', 'x')
    expect(Failure.from(failure)).toBe(failure)
    expect(failure.fault).toBe('race')
  })

  const given = { side: 'here', detail: 'words', hint: 'do it', retryAfterMs: 5000, cause: new Error('below') } as const
  const failure = new Failure('server-error', 'the server failed', given)
  const all = { ...given, kind: 'server-error', message: 'the server failed' }
  test.each<[string, Parameters<Failure['with']>[0], object]>([
    ['nothing', {}, {}],
    ['the message', { message: 'x' }, { message: 'x' }],
    ['the kind, which brings its hint', { kind: 'rate-limited' }, { kind: 'rate-limited', hint: KINDS['rate-limited'].hint }],
    ['the kind and the hint', { kind: 'rate-limited', hint: 'wait' }, { kind: 'rate-limited', hint: 'wait' }],
    ['the side', { side: 'there' }, { side: 'there' }],
    ['the detail', { detail: 'more' }, { detail: 'more' }],
    ['the hint', { hint: 'wait' }, { hint: 'wait' }],
    ['the wait', { retryAfterMs: 1 }, { retryAfterMs: 1 }],
    ['the cause', { cause: null }, { cause: null }],
  ])('with %s changed keeps all else', (_, changes, changed) => {
    const { kind, message, side, detail, hint, retryAfterMs, cause } = failure.with(changes)
    expect({ kind, message, side, detail, hint, retryAfterMs, cause }).toEqual({ ...all, ...changed })
  })
  test('its versions are known as such, and only they', () => {
    const version = failure.with({ message: 'x' }).with({ kind: 'raced' })
    expect([version.isVersionOf(failure), failure.isVersionOf(version), failure.isVersionOf(failure)]).toEqual([true, true, true])
    expect(new Failure('server-error', 'the server failed', given).isVersionOf(failure)).toBe(false)
  })
  test('of one side it keeps all else, and a side that it has', () => {
    expect(failure.on('there')).toBe(failure)
    expect(failure.with({ side: null }).on('there')).toMatchObject({ ...all, side: 'there' })
  })
})
