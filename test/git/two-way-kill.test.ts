import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { gitEnvironment, installHook } from '../support/git-repository.ts'
import { PROGRAM } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { createTwoSides, runBothWays, type SideRefs, seeSides, type TwoSides } from '../support/two-sides.ts'

const HERE: SideRefs = { 'heads/main': '3', 'heads/a': '1', 'heads/c': 'x', 'heads/d': '2', 'heads/e': '2' }
const THERE: SideRefs = { 'heads/main': '2', 'heads/a': '2', 'heads/b': 'm', 'heads/d': '2', 'heads/e': 'x' }
// `b` was deleted here, and `e` went apart.
const BASE: SideRefs = { 'heads/main': '2', 'heads/a': '1', 'heads/b': 'm', 'heads/e': '2' }
const AFTER: SideRefs = { 'heads/main': '3', 'heads/a': '2', 'heads/c': 'x', 'heads/d': '2' }

/** What a ref may be at any time: what it was, and what it is to become. */
const mayBe = (before: SideRefs, after: SideRefs, ref: string): readonly (string | undefined)[] => [before[ref], after[ref]]

type Hook = 'update' | 'pre-receive' | 'post-receive'
type Point = readonly [side: 'here' | 'there', hook: Hook, when: string]
/** One in each push, in the order in which a run comes to them. */
const POINTS: readonly Point[] = [
  ['there', 'post-receive', 'grep -q mirroring/backup'],
  ['there', 'update', 'test "$1" = refs/heads/main'],
  ['there', 'post-receive', 'grep -q heads/main'],
  ['here', 'pre-receive', 'grep -q heads/a'],
  ['here', 'post-receive', 'grep -q " refs/heads/a"'],
  ['here', 'update', 'expr "$1" : refs/mirroring/base/.*/heads/c'],
]
/** Both transfers push in the same order, so git has every second point, and none of these. */
const MORE_POINTS: readonly Point[] = [
  ['there', 'pre-receive', 'grep -q mirroring/backup'],
  ['there', 'update', 'test "$1" = refs/heads/b'],
  ['here', 'update', 'test "$1" = refs/heads/a'],
  ['here', 'pre-receive', 'grep -q mirroring/base'],
  ['here', 'post-receive', 'grep -q mirroring/base'],
]

/** Runs both ways in a process of its own, which the hook kills. */
async function runAndKill(sides: TwoSides, transfer: string, [side, hook, when]: Point): Promise<NodeJS.Signals | null> {
  const pid = join(temporaryDirectory(), 'pid')
  installHook(sides[side], hook, `if ${when} >/dev/null; then kill -s KILL "$(cat '${pid}')"; fi; exit 0`)
  const [program = '', ...args] = [
    ...PROGRAM,
    'mirror',
    sides.here,
    sides.there,
    '--direction',
    'bidirectional',
    '--prune',
    'all',
    '--keep-divergent',
  ]
  const child = spawn(program, [...args, '--transfer', transfer], { env: gitEnvironment(), stdio: 'ignore' })
  writeFileSync(pid, String(child.pid))
  const [, signal] = await once(child, 'exit')
  installHook(sides[side], hook, 'exit 0')
  return signal
}

describe.each([
  ['relay', [...POINTS, ...MORE_POINTS]],
  ['git', POINTS.filter((_, index) => index % 2 === 1)],
] as const)('both ways, killed: %s', (transfer, points) => {
  test.each(points)('%s, %s, %s', async (...point) => {
    const sides = await createTwoSides(HERE, THERE, BASE)
    expect(await runAndKill(sides, transfer, point)).toBe('SIGKILL')
    const seen = await seeSides(sides)
    for (const ref of Object.keys({ ...HERE, ...THERE })) {
      expect(mayBe(HERE, { ...AFTER, 'heads/e': '2' }, ref)).toContain(seen.here[ref])
      expect(mayBe(THERE, { ...AFTER, 'heads/e': 'x' }, ref)).toContain(seen.there[ref])
      expect(mayBe(BASE, { ...AFTER, 'heads/e': '2' }, ref)).toContain(seen.base[ref])
    }

    // The server may still be at the work that it was given.
    const inputs = { transfer, prune: 'all', 'keep-divergent': 'true', retries: '10' }
    const healed = await runBothWays(sides, inputs)
    expect(healed.failure).toBeNull()
    const after = await seeSides(sides)
    expect(after.here).toEqual({ ...AFTER, 'heads/e': '2' })
    expect(after.there).toEqual({ ...AFTER, 'heads/e': 'x' })
    expect(after.base).toEqual({ ...AFTER, 'heads/e': '2' })
    expect(after.backups.there).toEqual({ 'heads/b': 'm' })
    // The refs alone decide that nothing is left to do.
    expect((await runBothWays(sides, { ...inputs, transfer: 'relay' })).transfer).toBeNull()
  })
})
