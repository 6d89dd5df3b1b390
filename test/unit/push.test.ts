import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { ERROR_TABLE } from '../../src/errors/error-table.ts'
import { Failure } from '../../src/errors/failure.ts'
import { isTransient } from '../../src/errors/kinds.ts'
import { requestLimitIn } from '../../src/errors/request-limit.ts'
import { foldedNames } from '../../src/plan/folded-names.ts'
import type { PlannedRef, RefChange } from '../../src/plan/plan.ts'
import { neighboursAmong } from '../../src/refs/neighbour-names.ts'
import type { Oid, RefName } from '../../src/refs/ref.ts'
import { applyWithBackups } from '../../src/run/apply/backups.ts'
import { backoff } from '../../src/run/mirror.ts'
import { pushChanges } from '../../src/transfer/push.ts'
import type { Pushed } from '../../src/transfer/push-options.ts'
import { confusedWith, cutIntoPushes, halve, orderChanges } from '../../src/transfer/push-order.ts'
import type { RefAnswer } from '../../src/transfer/push-outcome.ts'
import { PackSource } from '../../src/transfer/relay/pack-source.ts'
import type { PushAnswer, ReceivePack } from '../../src/transfer/relay/receive-pack.ts'
import { pushThrough } from '../../src/transfer/relay/relay-push.ts'
import type { UploadPack } from '../../src/transfer/relay/upload-pack.ts'
import type { StepSource } from '../../src/transfer/step-source.ts'
import type { ChangeOutcome, Transfer } from '../../src/transfer/transfer.ts'
import type { Body } from '../../src/transport/transport.ts'
import { Capabilities } from '../../src/wire/capabilities.ts'
import { oid, refName } from '../support/sample.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const change = (name: string, action: RefChange['action'] = 'create'): RefChange => ({
  ref: refName(name),
  action,
  before: action === 'create' ? null : oid('1'),
  after: action === 'delete' ? null : oid('2'),
})
const names = (changes: readonly RefChange[]) => changes.map(({ ref }) => ref.replace('refs/heads/', ''))

test('deletes first, then the default branch, then by name', () => {
  const changes = [change('b'), change('main'), change('a/b'), change('z', 'delete'), change('a', 'delete')]
  expect(names(orderChanges(changes, refName('main')))).toEqual(['a', 'z', 'main', 'a/b', 'b'])
  expect(names(orderChanges(changes, null))).toEqual(['a', 'z', 'a/b', 'b', 'main'])
})

describe('cutIntoPushes', () => {
  const many = Array.from({ length: 2500 }, (_, index) => change(`b${index}`))
  test('by number', () => expect(cutIntoPushes(many, { refs: 1000, characters: 1e9 }).map(push => push.length)).toEqual([1000, 1000, 500]))
  test('by length of the command line, one at least', () => {
    expect(cutIntoPushes(many.slice(0, 3), { refs: 1000, characters: 1 }).map(push => push.length)).toEqual([1, 1, 1])
    const pushes = cutIntoPushes(many, { refs: 1000, characters: 24_000 })
    expect(pushes.flat()).toEqual(many)
    expect(pushes.every(push => push.length < 250)).toBe(true)
  })
  test('nothing is no push', () => expect(cutIntoPushes([], { refs: 10, characters: 10 })).toEqual([]))
})

test('halves keep the order and lose nothing', () => {
  expect(halve([1, 2, 3])).toEqual([[1, 2], [3]])
  expect(halve([1])).toEqual([[1]])
  expect(halve([])).toEqual([])
})

describe('retry', () => {
  test('only network and race faults', () => {
    expect((['settings', 'auth', 'host-key', 'remote', 'network', 'race', 'bug'] as const).filter(isTransient)).toEqual(['network', 'race'])
  })
  test('doubles up to 30 s and is spread', () => {
    expect([1, 2, 3, 9].map(repetition => backoff(repetition, 1))).toEqual([1000, 2000, 4000, 30_000])
    expect(backoff(1, 0)).toBe(500)
  })
})

test('names that git would take for one another', () => {
  const present = new Set(
    ['refs/heads/main', 'refs/heads/refs/heads/a', 'refs/heads/refs/tags/v', 'refs/tags/refs/heads/b'].map(
      name => name as ReturnType<typeof refName>,
    ),
  )
  expect(confusedWith(refName('a'), present)).toBe('refs/heads/refs/heads/a')
  expect(confusedWith(refName('tags/v'), present)).toBe('refs/heads/refs/tags/v')
  expect(confusedWith(refName('b'), present)).toBe('refs/tags/refs/heads/b')
  expect(confusedWith(refName('main'), present)).toBeNull()
  expect(confusedWith(refName('refs/heads/a'), present)).toBeNull()
})

const nobody = async (): Promise<Failure> => new Failure('connection-lost', 'the connection was lost')
const OPTIONS = {
  ...({ side: 'there', defaultBranch: null, atomic: false, limits: { refs: 100, characters: 1e6 } } as const),
  say: () => {},
  pushOptions: [],
  steps: null,
}
const NO_ANSWER: Pushed = { refs: [], output: [], failure: nobody, bytes: async () => 0, isStalled: false }

/** What becomes of the changes of one push that is answered so. */
const outcomesOf = async (changes: readonly RefChange[], pushed: Partial<Pushed>, now: ReadonlyMap<RefName, Oid> = new Map()) =>
  await pushChanges(changes, {
    ...OPTIONS,
    atomic: true,
    send: async () => ({ ...NO_ANSWER, ...pushed }),
    readAgain: async () => now,
  })

type Result<T = RefAnswer> = T extends RefAnswer ? Omit<T, 'ref'> : never

describe('what came of one ref', () => {
  const update = change('a', 'fast-forward')
  const { ref } = update
  const asRead = new Map([[ref, oid('1')]])
  test.each<[string, Result, readonly string[], object, ReadonlyMap<RefName, Oid>?]>([
    ['it landed', { result: 'landed' }, [], { outcome: 'updated', code: null }],
    ['it was so already', { result: 'up-to-date' }, [], { outcome: 'up-to-date', code: null }],
    ['the lease was lost', { result: 'lease-lost' }, ['remote: whatever'], { outcome: 'raced', code: 'raced' }],
    ['another ref held it back', { result: 'held-back' }, ['GH006: about another ref'], { outcome: 'rejected', code: 'atomic-refused' }],
    [
      'the server deletes nothing',
      { result: 'no-deletions' },
      [],
      { outcome: 'rejected', code: 'not-supported', hint: expect.stringContaining('`prune: none`') },
    ],
    ['the server hides it', { result: 'hidden' }, [], { outcome: 'rejected', code: 'hidden-ref' }],
    [
      'the server refused it',
      { result: 'refused', reason: 'hook declined' },
      ['no'],
      { code: 'hook-declined', reason: 'hook declined; no' },
    ],
    ['the server lost the race', { result: 'refused', reason: 'incorrect old value provided' }, [], { outcome: 'raced', code: 'raced' }],
    ['the server is in trouble', { result: 'refused', reason: 'Internal Server Error' }, [], { outcome: 'failed', code: 'server-error' }],
    ['nobody knows the words', { result: 'refused', reason: 'moon' }, [], { code: 'ref-rejected', reason: 'moon' }],
    ['JGit, and it moved', { result: 'refused', reason: 'failed to lock' }, [], { code: 'raced' }, new Map([[ref, oid('3')]])],
    [
      'JGit, and a name is taken',
      { result: 'refused', reason: 'failed to lock' },
      [],
      { code: 'ref-conflict', reason: '"refs/heads/a/b" exists at the destination' },
      new Map([...asRead, [refName('a/b'), oid('3')]]),
    ],
    ['JGit, and all is as it was', { result: 'refused', reason: 'failed to lock' }, [], { code: 'ref-rejected' }, asRead],
    ['no report, but it moved', { result: 'unreported' }, [], { outcome: 'updated' }, new Map([[ref, oid('2')]])],
  ])('%s', async (...[, answer, output, expected, now]) => {
    const outcomes = await outcomesOf([update], { refs: [{ ref, ...answer } as RefAnswer], output }, now)
    expect(outcomes.get(ref)).toMatchObject(expected)
  })
})

describe('a server that cannot delete refs', () => {
  const kept = change('gone', 'delete')
  const receiver = (capabilities: string): ReceivePack => ({
    capabilities: new Capabilities(capabilities.split(' ')),
    tips: new Map([[kept.ref, oid('1')]]),
    shallow: false,
    push: async () => ({ report: { unpack: 'ok', refs: new Map([[kept.ref, null]]) }, output: [], failure: null }),
  })
  const relay = async (capabilities: string): Promise<Pushed> =>
    await pushThrough([kept], {
      ...OPTIONS,
      ...{ objectFormat: 'sha1', pushOptions: [], receiver: receiver(capabilities), hide: text => text, debug: () => {}, packLimit: null },
      packs: new PackSource(
        {} as UploadPack,
        [],
        () => [],
        () => {},
      ),
      readAgain: async () => new Map(),
    })

  test('is asked for nothing by the relay', async () => {
    expect((await relay('report-status agent=git/2')).refs).toEqual([{ ref: kept.ref, result: 'no-deletions' }])
    expect((await relay('report-status delete-refs agent=git/2')).refs).toEqual([{ ref: kept.ref, result: 'landed' }])
  })
  test('is known as such, with what to do', async () => {
    const outcomes = await outcomesOf([kept], await relay('report-status agent=git/2'))
    expect(outcomes.get(kept.ref)).toEqual({
      ...{ outcome: 'rejected', code: 'not-supported', reason: 'the server does not support deleting refs' },
      hint: expect.stringContaining('delete it at the destination'),
    })
  })
})

test('a pack that is known to be too large is broken off before the server has all of it', async () => {
  const [file, tip] = [join(temporaryDirectory(), 'pack'), oid('2')]
  writeFileSync(file, Buffer.concat([Buffer.from('PACK\0\0\0\x02\0\0\0\x01'), Buffer.alloc(2 ** 20)]))
  const packs = new PackSource(
    { side: 'here' } as UploadPack,
    [],
    () => [],
    () => {},
  )
  packs.keep([tip], { thin: true, ofsDelta: true }, file, new Map([[tip, null]]))
  let taken = 0
  const take = async (body: Body): Promise<PushAnswer> => {
    try {
      for await (const piece of body as AsyncIterable<Buffer>) taken += piece.length
      return { report: null, output: [], failure: null }
    } catch (error) {
      return { report: null, output: [], failure: Failure.from(error) }
    }
  }
  const opened = { capabilities: new Capabilities(['ofs-delta', 'report-status']), tips: new Map(), shallow: false, push: take }
  const pushed = await pushThrough([change('a')], {
    ...{ ...OPTIONS, objectFormat: 'sha1', packs, receiver: opened, packLimit: 2 ** 19, hide: text => text, debug: () => {} },
    readAgain: async () => new Map(),
  })
  const failure = await pushed.failure()
  expect(failure).toMatchObject({ kind: 'large-file', message: 'the pack exceeds maximum allowed size (0.00 GiB)' })
  expect(requestLimitIn(failure.message)?.of).toBe('size')
  expect(taken).toBeLessThan(2 ** 19 + 1000)
})

test('a failure after the first changes keeps its hint and how long to wait', async () => {
  const [first, second] = [change('a'), change('b')].map(one => ({ ...one, reason: '', code: null })) as [PlannedRef, PlannedRef]
  const down = new Failure('rate-limited', 'too many requests', { hint: 'wait', retryAfterMs: 7000 })
  const outcomes = new Map<RefName, ChangeOutcome>()
  const apply = async (changes: readonly RefChange[]) => {
    if (changes.some(({ ref }) => ref === second.ref)) throw down
    return new Map(changes.map(({ ref }) => [ref, { outcome: 'created', reason: null, code: null } as const]))
  }
  const plan = { backups: new Map(), fallback: new Map(), waiting: new Map([[second.ref, [first.ref]]]), expired: new Map() }
  await applyWithBackups(
    { apply } as unknown as Transfer,
    [first, second],
    plan,
    { atomic: false, backup: true },
    { outcomes, backups: [], stored: new Set(), watch: null, folded: foldedNames([], []) },
  )
  expect(outcomes.get(second.ref)).toEqual({
    outcome: 'failed',
    reason: 'too many requests',
    code: 'rate-limited',
    hint: 'wait',
    retryAfterMs: 7000,
  })
})

test('a line is searched once for a push, and not once for each ref', async () => {
  let reads = 0
  const match = ERROR_TABLE[0]?.match as RegExp
  const search = match.test
  match.test = text => {
    reads += 1
    return search.call(match, text)
  }
  try {
    const changes = Array.from({ length: 100 }, (_, index) => change(`b${index}`))
    const refs = changes.map(({ ref }): RefAnswer => ({ ref, result: 'refused', reason: `GH013: no ${ref}` }))
    const lines = Array.from({ length: 100 }, (_, index) => `${index}: ${changes.map(({ ref }) => ref).join()}`)
    const outcomes = await outcomesOf(changes, { refs, output: lines })
    expect([reads < 210, new Set([...outcomes.values()].map(({ code }) => code))]).toEqual([true, new Set(['ruleset-violation'])])
  } finally {
    match.test = search
  }
})

describe('names that cannot exist beside another', () => {
  const neighbourOf = neighboursAmong(
    ['refs/heads/a/b', 'refs/heads/a-b', 'refs/heads/c', 'refs/heads/a/b/c/d'].map(name => name as RefName),
  )
  test.each([
    ['a', 'a/b'],
    ['a/b', 'a/b/c/d'],
    ['a/b/c', 'a/b/c/d'],
    ['c/d/e', 'c'],
    ['c', undefined],
    ['a-', undefined],
    ['x', undefined],
  ])('%s: %s', (name, other) => expect(neighbourOf(refName(name))).toBe(other && refName(other)))
})

describe('a server that has a limit', () => {
  const LINE = 16
  const MEBIBYTE = 2 ** 20
  const commits = Array.from({ length: LINE }, (_, index) => (index + 1).toString(16).padStart(40, '0') as Oid)
  const long = (name: string): RefChange => ({ ref: refName(name), action: 'create', before: null, after: commits.at(-1) ?? null })

  /** Pushes to a server that answers with these words to packs of more bytes than it takes; each commit has a mebibyte. */
  async function pushTo(words: string, most: number, changes: readonly RefChange[], atomic = false, isReported = false) {
    const pushes: (readonly RefChange[])[] = []
    const there = new Set<Oid>()
    const lacking = (tips: readonly Oid[]) =>
      commits.slice(0, Math.max(0, ...tips.map(tip => commits.indexOf(tip) + 1))).filter(one => !there.has(one))
    const bytesOf = (some: readonly RefChange[]) => lacking(some.flatMap(({ after }) => after ?? [])).length * MEBIBYTE
    const present = new Map<RefName, Oid>()
    const steps: StepSource = {
      read: async tips => new Map(lacking(tips).map(one => [one, commits.slice(0, commits.indexOf(one)).slice(-1)])),
      peel: one => one,
      prepare: async (wants, limit) => (lacking(wants).length * MEBIBYTE > limit ? null : lacking(wants).length * MEBIBYTE),
      largestFiles: async () => ['big.bin (1.0 MiB)'],
      nameOf: commit => `refs/mirroring/steps/id/${commit}` as RefName,
      present,
    }
    const outcomes = await pushChanges(changes, {
      ...OPTIONS,
      defaultBranch: refName('main'),
      atomic,
      steps,
      readAgain: async () => new Map(),
      send: async some => {
        pushes.push(some)
        const bytes = bytesOf(some)
        if (bytes > most && isReported) return { ...refuse(some, words), bytes: async () => bytes }
        if (bytes > most) return { ...NO_ANSWER, bytes: async () => bytes, failure: async () => new Failure('server-error', words) }
        for (const one of lacking(some.flatMap(({ after }) => after ?? []))) there.add(one)
        return { ...NO_ANSWER, refs: some.map(({ ref }) => ({ ref, result: 'landed' })) }
      },
    }).catch((error: unknown) => Failure.from(error))
    return { outcomes, pushes }
  }
  const SIZE = 'the server refuses a request of this size (HTTP 413)'
  const TIME = 'the server failed (HTTP 504)'

  test('takes the history in steps; the refs are made last, and few packs are refused', async () => {
    const { outcomes, pushes } = await pushTo(SIZE, 5 * MEBIBYTE, [long('main')])
    expect(outcomes).toEqual(new Map([[refName('main'), { outcome: 'created', reason: null, code: null }]]))
    expect(names(pushes.at(-1) ?? [])).toEqual(['main'])
    expect(pushes.length).toBeLessThan(8)
  })

  test('makes the default branch first, as an empty forge makes the first branch its default', async () => {
    const { pushes } = await pushTo(SIZE, 5 * MEBIBYTE, [long('main'), { ...long('a'), after: commits[0] ?? null }])
    const made = pushes.slice(1).map(push => names(push).filter(name => !name.startsWith('refs/mirroring/')))
    expect(made.filter(push => push.length > 0)).toEqual([['main', 'a']])
  })

  test.each([[SIZE, { outcome: 'rejected', code: 'large-file', reason: expect.stringContaining('its largest files: big.bin (1.0 MiB)') }]])(
    'that no commit meets: %s',
    async (words, outcome) => {
      const { outcomes, pushes } = await pushTo(words, 0, [long('main'), long('other')])
      expect([...(outcomes as ReadonlyMap<RefName, ChangeOutcome>).values()]).toMatchObject([outcome, outcome])
      expect(pushes.length).toBeLessThan(8)
    },
  )

  test.each([
    ['no commit is taken in time', TIME, 0, [long('main')], false],
    ['a small push of one ref takes too long', TIME, -1, [{ ...long('main'), after: oid('f') }], false],
    ['a small push takes too long, and its refs must not be divided', TIME, -1, [change('a'), change('b')], true],
    ['a known length is not enough', 'the server takes only requests of a known length (HTTP 411)', 0, [long('main')], false],
  ] as const)('%s: the push fails with the words of the server', async (_, words, most, changes, atomic) => {
    const { outcomes, pushes } = await pushTo(words, most, changes, atomic)
    expect(outcomes).toMatchObject({ kind: 'server-error', message: expect.stringContaining(words) })
    expect(pushes.length).toBeLessThan(8)
  })

  /** Answers of the server about each ref, with nothing about the limit itself. */
  const refuse = (changes: readonly RefChange[], output: string): Pushed => ({
    ...NO_ANSWER,
    refs: changes.map(({ ref }) => ({ ref, result: 'refused', reason: 'unpacker error' })),
    output: [output],
  })
  const NO_STEPS: StepSource = {
    read: async () => new Map(),
    peel: one => one,
    prepare: async () => 0,
    largestFiles: async () => [],
    nameOf: commit => `refs/mirroring/steps/id/${commit}` as RefName,
    present: new Map(),
  }
  const UNNAMED = 'fatal: pack exceeds maximum allowed size'

  test('reported for each ref: a branch whose history is complete is divided as well', async () => {
    const short: RefChange = { ...long('short'), after: commits[4] ?? null }
    const { outcomes, pushes } = await pushTo(UNNAMED, 2 * MEBIBYTE, [short, long('long')], false, true)
    expect([...(outcomes as ReadonlyMap<RefName, ChangeOutcome>).values()].map(({ outcome }) => outcome)).toEqual(['created', 'created'])
    expect(pushes.filter(some => some.some(({ ref }) => ref === refName('short')))).toHaveLength(3)
  })

  test('that only a list of refs exceeds: it is halved', async () => {
    const pushes: number[] = []
    const changes = ['a', 'b', 'c', 'd'].map(name => change(name))
    const outcomes = await pushChanges(changes, {
      ...OPTIONS,
      steps: NO_STEPS,
      readAgain: async () => new Map(),
      send: async some => {
        pushes.push(some.length)
        if (some.length > 2) return { ...NO_ANSWER, failure: async () => new Failure('server-error', SIZE) }
        return { ...NO_ANSWER, refs: some.map(({ ref }) => ({ ref, result: 'landed' })) }
      },
    })
    expect([outcomes.size, pushes]).toEqual([4, [4, 2, 2]])
  })

  test('what has landed stays known if a later pack cannot be put on the disk', async () => {
    let asked = 0
    const outcomes = await pushChanges([change('a'), change('b')], {
      ...OPTIONS,
      limits: { refs: 1, characters: 1e6 },
      steps: {
        ...NO_STEPS,
        prepare: async () => {
          asked += 1
          if (asked > 1) throw new Failure('disk-full', 'no room')
          return 1
        },
      },
      readAgain: async () => new Map(),
      send: async some => {
        if (asked === 0) return { ...NO_ANSWER, failure: async () => new Failure('server-error', 'HTTP 411') }
        return { ...NO_ANSWER, refs: some.map(({ ref }) => ({ ref, result: 'landed' })) }
      },
    })
    expect([...outcomes.values()]).toMatchObject([{ outcome: 'created' }, { outcome: 'failed', code: 'disk-full' }])
  })
})
