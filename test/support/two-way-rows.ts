import { expect } from '@jest/globals'
import type { MirrorOptions } from './mirror.ts'
import { createTwoSides, runBothWays, type SideRefs, sealFor, seeSides, type TwoSides } from './two-sides.ts'

/** A row: what both sides last agreed on (`?` = not known), here, there (`-` = absent), what comes of it, and `here there base` afterwards. */
type Row = readonly [what: string, base: string, here: string, there: string, outcome: string, after: string]

/* One run carries out all rows, a ref each: none of them may hold back another one. */
const SAME_FOR_BOTH: readonly Row[] = [
  ['the same', '1', '1', '1', 'up-to-date', '1 1 1'],
  ['the same, base not known', '?', '2', '2', 'up-to-date', '2 2 2'],
  ['the same, base stale: a run was killed before it wrote it', '1', '2', '2', 'up-to-date', '2 2 2'],
  ['changed here', '1', '2', '1', 'updated there', '2 2 2'],
  ['changed there', '1', '1', '2', 'updated here', '2 2 2'],
  ['here is ahead, base not known', '?', '2', '1', 'updated there', '2 2 2'],
  ['there is ahead, base not known', '?', '1', '2', 'updated here', '2 2 2'],
  ['here is ahead, base from elsewhere', 'x', '3', '2', 'updated there', '3 3 3'],
  ['both changed, there contains here', '1', '2', '3', 'updated here', '3 3 3'],
  ['both changed, here contains there', '1', '3', '2', 'updated there', '3 3 3'],
  ['both changed, here has merged there', '1', 'm', 'x', 'updated there', 'm m m'],
  ['new here', '?', '2', '-', 'created there', '2 2 2'],
  ['new there', '?', '-', 'x', 'created here', 'x x x'],
  ['new on both, and the same', '?', 'x', 'x', 'up-to-date', 'x x x'],
  ['deleted here', '2', '-', '2', 'deleted there', '- - -'],
  ['deleted there', 'x', 'x', '-', 'deleted here', '- - -'],
  ['deleted on both', '2', '-', '-', 'none', '- - -'],
  ['deleted here, changed there', '2', '-', '3', 'created here', '3 3 3'],
  ['deleted there, changed here', '2', '3', '-', 'created there', '3 3 3'],
  ['deleted here, rewritten there', '2', '-', 'x', 'created here', 'x x x'],
  ['deleted there, rewound here', '2', '1', '-', 'created there', '1 1 1'],
  ['deleted on both, created again here', '2', 'x', '-', 'created there', 'x x x'],
]

const DIVERGED: readonly (readonly [...Row, forced: string, afterForce: string])[] = [
  ['both changed', '1', '2', 'x', 'kept diverged', '2 x 1', 'forced there', '2 2 2'],
  ['both changed, base not known', '?', '2', 'x', 'kept diverged', '2 x ?', 'forced there', '2 2 2'],
  ['nothing in common', '?', '2', 'r', 'kept diverged', '2 r ?', 'forced there', '2 2 2'],
  ['rewritten here', '2', 'x', '2', 'kept diverged', 'x 2 2', 'forced there', 'x x x'],
  ['rewritten there', '2', '2', 'x', 'kept diverged', '2 x 2', 'forced there', '2 2 2'],
  ['rewound here', '3', '2', '3', 'kept diverged', '2 3 3', 'forced there', '2 2 2'],
  ['rewound there', '3', '3', '2', 'kept diverged', '3 2 3', 'updated there', '3 3 3'],
  ['deleted and created again here', '2', 'r', '2', 'kept diverged', 'r 2 2', 'forced there', 'r r r'],
]

const TAGS: readonly (readonly [...Row, forced: string, afterForce: string])[] = [
  ['new here', '?', '2', '-', 'created there', '2 2 2', 'created there', '2 2 2'],
  ['new there, annotated', '?', '-', 'x^', 'created here', 'x^ x^ x^', 'created here', 'x^ x^ x^'],
  ['the same', '?', '2^', '2^', 'up-to-date', '2^ 2^ 2^', 'up-to-date', '2^ 2^ 2^'],
  ['moved forward here', '1', '2', '1', 'kept diverged', '2 1 1', 'forced there', '2 2 2'],
  ['moved forward there', '1', '1', '2', 'kept diverged', '1 2 1', 'forced there', '1 1 1'],
  ['the same name for different commits', '?', '1', '2', 'kept diverged', '1 2 ?', 'forced there', '1 1 1'],
  ['light here, annotated there', '?', '2', '2^', 'kept diverged', '2 2^ ?', 'forced there', '2 2 2'],
  ['deleted here', '2^', '-', '2^', 'deleted there', '- - -', 'deleted there', '- - -'],
  ['deleted there', '2', '2', '-', 'deleted here', '- - -', 'deleted here', '- - -'],
  ['deleted here, moved there', '2', '-', '3', 'created here', '3 3 3', 'created here', '3 3 3'],
]

/* A base that this mirror did not write has the same effect as none. */
const FORGED: readonly (Row | (typeof DIVERGED)[number])[] = [
  ['the same', 'x', '2', '2', 'up-to-date', '2 2 2'],
  ['the same, and the base as well', '2', '2', '2', 'up-to-date', '2 2 2'],
  ['only there', '2', '-', '2', 'created here', '2 2 2'],
  ['only here', 'x', 'x', '-', 'created there', 'x x x'],
  ['there is ahead, base is there', '3', '2', '3', 'updated here', '3 3 3'],
  ['here is ahead, base is here', '3', '3', '2', 'updated there', '3 3 3'],
  ['diverged, base is there', 'x', '2', 'x', 'kept diverged', '2 x ?', 'forced there', '2 2 2'],
  ['diverged, base is here', '2', '2', 'x', 'kept diverged', '2 x ?', 'forced there', '2 2 2'],
  ['on neither side', '2', '-', '-', 'none', '- - -'],
]

interface Case {
  readonly ref: string
  readonly base: string
  readonly here: string
  readonly there: string
  readonly outcome: string
  readonly after: string
  /** The base is only stored here, without a seal there. */
  readonly isForged: boolean
}

function casesOf(keepDivergent: boolean): Case[] {
  const named = (kind: string, rows: readonly (Row | (typeof DIVERGED)[number])[]) =>
    rows.map(([what, base, here, there, outcome, after, forced, afterForce]) => ({
      ref: `${kind}/${what.replaceAll(' ', '-').replace(/[,:]/g, '')}`,
      ...{ base, here, there, isForged: kind.includes('forged') },
      outcome: keepDivergent ? outcome : (forced ?? outcome),
      after: keepDivergent ? after : (afterForce ?? after),
    }))
  return [
    ...named('heads', [...SAME_FOR_BOTH, ...DIVERGED]),
    ...named('tags', TAGS),
    ...named('heads/forged', FORGED),
    ...named('tags/forged', FORGED.slice(0, 4)),
  ]
}

function refsAt(cases: readonly Case[], side: 'here' | 'there' | 'base'): SideRefs {
  const present = cases.filter(one => !'-?'.includes(one[side]))
  return Object.fromEntries(present.map(one => [one.ref, one[side]])) as SideRefs
}

/** Carries out the whole table, and looks at both sides. */
export async function checkTwoWayTable(
  transfer: string,
  keepDivergent: boolean,
  optionsFor: (sides: TwoSides) => MirrorOptions = () => ({}),
): Promise<void> {
  const cases = casesOf(keepDivergent)
  const main = { 'heads/main': '3' } as const
  const sides = await createTwoSides(
    { ...refsAt(cases, 'here'), ...main },
    { ...refsAt(cases, 'there'), ...main },
    {
      ...refsAt(
        cases.filter(({ isForged }) => !isForged),
        'base',
      ),
      ...main,
    },
    {
      forged: refsAt(
        cases.filter(({ isForged }) => isForged),
        'base',
      ),
    },
  )
  const options = optionsFor(sides)
  const inputs = { transfer, prune: 'all', 'keep-divergent': String(keepDivergent), 'max-deletions': '100' }
  const planned = await runBothWays(sides, { ...inputs, 'dry-run': 'true' }, options)
  const report = await runBothWays(sides, inputs, options)
  expect(report.failure).toBeNull()
  expect(report.notices).toEqual([expect.stringContaining(`${FORGED.length + 4} bases here without a seal there`)])
  const reported = new Map(report.refs.map(ref => [ref.ref.slice('refs/'.length), ref]))
  const became = Object.fromEntries(
    cases.map(({ ref }) => {
      const one = reported.get(ref)
      return [ref, one === undefined ? 'none' : [one.outcome, one.side, one.code].filter(Boolean).join(' ')]
    }),
  )
  expect(became).toEqual(Object.fromEntries(cases.map(({ ref, outcome }) => [ref, outcome])))
  const strip = (ref: (typeof report.refs)[number]) => ({
    ref: ref.ref,
    action: ref.action,
    before: ref.before,
    after: ref.after,
    side: ref.side,
  })
  expect(planned.refs.map(strip)).toEqual(report.refs.map(strip))

  const seen = await seeSides(sides)
  const at = (refs: Readonly<Record<string, string>>, ref: string, absent = '-') => refs[ref] ?? absent
  const after = cases.map(({ ref, after: wanted }) => [
    ref,
    `${at(seen.here, ref)} ${at(seen.there, ref)} ${at(seen.base, ref, wanted.endsWith('?') ? '?' : '-')}`,
  ])
  expect(Object.fromEntries(after)).toEqual(Object.fromEntries(cases.map(({ ref, after: wanted }) => [ref, wanted])))
  // A backup keeps each tip that a force removes, unless the side still has it elsewhere.
  const lost = cases.filter(({ outcome }) => outcome === 'forced there').map(({ ref, there }) => [ref, there])
  const held = new Set([...Object.values(seen.there), '1', '2'])
  for (const [ref = '', tip = ''] of lost) if (!held.has(tip)) expect(seen.backups.there[ref]).toBe(tip)

  const again = await runBothWays(sides, inputs, options)
  const unsettled = again.refs.filter(({ outcome }) => outcome !== 'up-to-date')
  expect(unsettled.map(({ code }) => code)).toEqual(unsettled.map(() => 'diverged'))
  expect(again).toMatchObject({ transfer: null, status: unsettled.length === 0 ? 'up-to-date' : 'partial' })
  expect(await seeSides(sides)).toEqual(seen)
  const sealed = Object.entries(seen.base).map(([ref, name]) => [sealFor(sides, ref, name as SideRefs[string]), name])
  expect(seen.seals).toEqual(Object.fromEntries(sealed))
}
