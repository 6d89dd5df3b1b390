import { appendFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { exitCode, failsStep } from '../../src/report/exit.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { compareRefs, git, installHook, refsOf } from '../support/git-repository.ts'
import { type MirrorOptions, runMirror } from '../support/mirror.ts'
import { createTwoSides, type SideRefs, type TwoSides } from '../support/two-sides.ts'

interface Case {
  readonly what: string
  readonly here: SideRefs
  readonly there: SideRefs
  readonly base?: SideRefs
  readonly inputs?: RawInputs
  readonly before?: (sides: TwoSides) => Promise<unknown> | unknown
  /** The refs alone decide, or nothing is sent, so that protocol v0 shows nothing more. */
  readonly isDecided?: true
  /** Status of a push, a pull, and both ways. */
  readonly status: readonly [push: string, pull: string, both: string]
}

const MAIN = { 'heads/main': '2' } as const
const HOOK = 'case "$1" in *no*) exit 1;; esac'
const refusing = ({ here, there }: TwoSides) => {
  for (const side of [here, there]) installHook(side, 'update', HOOK)
}

const symbolic = (directory: string, name: string) => git(directory, ['symbolic-ref', `refs/heads/${name}`, 'refs/heads/main'])

/** A ref with a name that git writes for nobody, at the tip of `main`. */
const addRef = async (directory: string, name: string): Promise<void> => {
  const tip = (await refsOf(directory)).get('refs/heads/main')
  appendFileSync(join(directory, 'packed-refs'), Buffer.from(`${tip} refs/heads/${name}\n`, 'latin1'))
}

/** What is not mirrored as it is: symbolic refs, and names that cannot be passed on. */
const UNMIRRORED: readonly Case[] = [
  {
    what: 'a symbolic ref on each side, and equal',
    isDecided: true,
    here: { ...MAIN, 'heads/b': '2' },
    there: { ...MAIN, 'heads/a': '2' },
    before: ({ here, there }) => Promise.all([symbolic(here, 'a'), symbolic(there, 'b')]),
    status: ['up-to-date', 'up-to-date', 'up-to-date'],
  },
  {
    what: 'a symbolic ref here leads to a newer commit',
    here: MAIN,
    there: { ...MAIN, 'heads/a': '1' },
    before: ({ here }) => symbolic(here, 'a'),
    status: ['updated', 'partial', 'updated'],
  },
  {
    what: 'a symbolic ref there leads to a newer commit',
    here: { ...MAIN, 'heads/a': '1' },
    there: MAIN,
    before: ({ there }) => symbolic(there, 'a'),
    status: ['partial', 'updated', 'updated'],
  },
  {
    what: 'symbolic refs on both sides lead to different branches',
    here: { ...MAIN, 'heads/b': 'x' },
    there: { ...MAIN, 'heads/b': 'x' },
    before: async ({ here, there }) => {
      await symbolic(here, 'a')
      await git(there, ['symbolic-ref', 'refs/heads/a', 'refs/heads/b'])
    },
    status: ['partial', 'partial', 'partial'],
  },
  {
    what: 'a symbolic ref there is equal before its branch moves, and different afterwards',
    here: { 'heads/main': '3', 'heads/a': '2' },
    there: MAIN,
    before: ({ there }) => symbolic(there, 'a'),
    status: ['partial', 'partial', 'partial'],
  },
  {
    what: 'a symbolic ref there is different before its branch moves, and equal afterwards',
    here: { 'heads/main': '3', 'heads/a': '3' },
    there: MAIN,
    before: ({ there }) => symbolic(there, 'a'),
    status: ['updated', 'partial', 'updated'],
  },
  {
    what: 'a symbolic ref there alone',
    here: MAIN,
    there: MAIN,
    before: ({ there }) => symbolic(there, 'a'),
    status: ['partial', 'updated', 'updated'],
  },
  ...['HEAD', 'wei\xdf'].flatMap((name): Case[] => [
    {
      what: `a branch ${JSON.stringify(name)} on both sides, and equal`,
      isDecided: true,
      here: MAIN,
      there: MAIN,
      before: ({ here, there }) => Promise.all([addRef(here, name), addRef(there, name)]),
      status: ['up-to-date', 'up-to-date', 'up-to-date'],
    },
    {
      what: `a branch ${JSON.stringify(name)} here alone`,
      isDecided: true,
      here: MAIN,
      there: MAIN,
      before: ({ here }) => addRef(here, name),
      status: ['partial', 'up-to-date', 'partial'],
    },
    {
      what: `a branch ${JSON.stringify(name)} there alone, which is not selected`,
      isDecided: true,
      here: MAIN,
      there: MAIN,
      before: ({ there }) => addRef(there, name),
      inputs: { branches: 'main' },
      status: ['up-to-date', 'up-to-date', 'up-to-date'],
    },
  ]),
]

const CASES: readonly Case[] = [
  ...UNMIRRORED,
  { what: 'equal', here: MAIN, there: MAIN, isDecided: true, status: ['up-to-date', 'up-to-date', 'up-to-date'] },
  {
    what: 'equal, the base is stale',
    isDecided: true,
    here: MAIN,
    there: MAIN,
    base: { 'heads/main': '1' },
    status: ['up-to-date', 'up-to-date', 'up-to-date'],
  },
  { what: 'here is ahead', here: { 'heads/main': '3' }, there: MAIN, status: ['updated', 'partial', 'updated'] },
  { what: 'there is ahead', here: MAIN, there: { 'heads/main': '3' }, status: ['updated', 'updated', 'updated'] },
  {
    what: 'each has a branch of its own',
    here: { ...MAIN, 'heads/a': '1' },
    there: { ...MAIN, 'heads/b': '3' },
    status: ['updated', 'updated', 'updated'],
  },
  {
    what: 'diverged, and kept',
    isDecided: true,
    here: MAIN,
    there: { 'heads/main': 'x' },
    inputs: { 'keep-divergent': 'true' },
    status: ['partial', 'partial', 'partial'],
  },
  {
    what: 'one ref is refused',
    here: { ...MAIN, 'heads/no': '1' },
    there: { ...MAIN, 'heads/no2': '3' },
    before: refusing,
    status: ['failed', 'failed', 'failed'],
  },
  {
    what: 'one is refused, one lands',
    here: { 'heads/main': '3', 'heads/no': '1' },
    there: { ...MAIN, 'heads/no': '3' },
    inputs: { 'keep-divergent': 'false' },
    before: refusing,
    status: ['partial', 'partial', 'partial'],
  },
  {
    what: 'only looked at',
    isDecided: true,
    here: { 'heads/main': '3' },
    there: { ...MAIN, 'heads/b': 'x' },
    inputs: { 'dry-run': 'true' },
    status: ['skipped', 'partial', 'skipped'],
  },
  {
    what: 'there is gone',
    isDecided: true,
    here: MAIN,
    there: MAIN,
    before: ({ there }) => rmSync(there, { recursive: true }),
    status: ['failed', 'failed', 'failed'],
  },
  {
    what: 'a branch too many',
    isDecided: true,
    here: MAIN,
    there: MAIN,
    before: ({ there }) => git(there, ['branch', 'more', 'main']),
    inputs: { prune: 'none' },
    status: ['up-to-date', 'updated', 'updated'],
  },
]

const RED: ReadonlySet<string> = new Set(['partial', 'failed'])
const DEFAULT = new Set(['rejected', 'diverged'] as const)

const WAYS: readonly {
  readonly name: string
  readonly transferOf: (turn: number) => string
  readonly options: MirrorOptions
  readonly cases: readonly Case[]
}[] = [
  { name: 'the transfers by turns', transferOf: turn => (turn % 2 === 0 ? 'relay' : 'git'), options: {}, cases: CASES },
  // Where no side tells which refs are symbolic.
  {
    name: 'over protocol v0',
    transferOf: () => 'relay',
    options: { protocol: 0 },
    cases: UNMIRRORED.filter(row => row.isDecided !== true),
  },
]

describe.each(WAYS)('$name', ({ transferOf, options, cases }) => {
  describe.each(['push', 'pull', 'bidirectional'].map((direction, index) => ({ direction, index })))(
    '$direction',
    ({ direction, index }) => {
      test.each(cases.map((one, row) => ({ ...one, transfer: transferOf(row + index) })))(
        '$what, $transfer: in sync is said only of sides that are, and green is only what is right',
        async ({ here, there, base, inputs, before, status, transfer }) => {
          const sides = await createTwoSides(here, there, base)
          await before?.(sides)
          const report = await runMirror(
            { 'repository-url': sides.here, 'remote-url': sides.there, direction, transfer, ...inputs },
            options,
          )
          expect(report.status).toBe(status[index])
          const isSelected = (ref: string) => inputs?.branches === undefined || inputs.branches === ref.slice('refs/heads/'.length)
          const differing = async () => compareRefs(await refsOf(sides.here), await refsOf(sides.there)).filter(isSelected)
          const isEqual = report.failure === null && (await differing()).length === 0
          expect(report.inSync).toBe(isEqual)
          if (report.failure === null && inputs?.['dry-run'] === undefined) {
            const verdict = await runMirror(
              {
                'repository-url': sides.here,
                'remote-url': sides.there,
                direction,
                transfer,
                operation: 'verify',
                ...(inputs?.branches === undefined ? {} : { branches: inputs.branches }),
              },
              options,
            )
            expect([verdict.inSync, exitCode(verdict, DEFAULT)]).toEqual([isEqual, isEqual ? 0 : 1])
          }
          expect(failsStep(report, DEFAULT)).toBe(RED.has(report.status))
          expect(exitCode(report, DEFAULT) === 0).toBe(!RED.has(report.status))
          // Refs may be hidden, a failure may not.
          expect(failsStep(report, new Set(['never'] as const))).toBe(report.failure !== null)
        },
      )
    },
  )
})
