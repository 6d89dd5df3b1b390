import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import type { Action } from '../../src/plan/outcome.ts'
import type { PlannedRef } from '../../src/plan/plan.ts'
import { changeToLookInto, keepReserved } from '../../src/plan/reserved.ts'
import { parseRemoteUrl } from '../../src/remote/url.ts'
import { reservedBy } from '../../src/settings/reserved.ts'
import { oidOf } from '../../src/wire/pack-entry.ts'
import { entryOf, findObject, treeOf } from '../../src/wire/tree.ts'
import { oid, refName } from '../support/sample.ts'

const WORKFLOW = 'o/r/.github/workflows/pull.yml@refs/heads/main'
type RunOfWorkflow = Parameters<typeof reservedBy>[0]
const NO_SECRETS = { manual: false, secretsPage: null, noSecretsBecause: null }
const RUN: RunOfWorkflow = { repository: 'o/r', workflowRef: WORKFLOW, ref: 'refs/heads/other', ...NO_SECRETS }
const MAIN = { ref: refName('main'), workflowFile: '.github/workflows/pull.yml' }

describe('which ref is reserved', () => {
  test.each<[string, Partial<RunOfWorkflow>, string, unknown]>([
    ['the one of the workflow', {}, 'https://github.com/o/r.git', MAIN],
    ['over ssh', {}, 'ssh://git@github.com/o/r', MAIN],
    ['over ssh through port 443', {}, 'ssh://git@ssh.github.com:443/o/r.git', MAIN],
    ['scp-style', {}, 'git@github.com:o/r.git', MAIN],
    ['in another case', {}, 'https://github.com/O/R', MAIN],
    ['a repository on this machine', {}, 'file:///srv/repositories/o/r.git', MAIN],
    ['another repository', {}, 'https://github.com/o/r2.git', null],
    ['another host', {}, 'https://gitlab.com/o/r.git', null],
    ['no repository', { repository: null }, 'https://github.com/o/r.git', null],
    ['no file is told', { workflowRef: null }, 'https://github.com/o/r.git', { ref: refName('other'), workflowFile: null }],
    ['neither is told', { workflowRef: null, ref: null }, 'https://github.com/o/r.git', null],
    ['started for a pull request', { workflowRef: null, ref: 'refs/pull/1/merge' }, 'https://github.com/o/r.git', null],
    [
      'from a tag',
      { workflowRef: 'o/r/w.yml@refs/tags/v1' },
      'https://github.com/o/r.git',
      { ref: refName('tags/v1'), workflowFile: 'w.yml' },
    ],
    ['the workflow of another repository', { workflowRef: WORKFLOW.replace('o/r', 'o/rules') }, 'https://github.com/o/r.git', null],
  ])('%s', (_, run, url, expected) => {
    const here = parseRemoteUrl(url, { allowInsecureHttp: false })
    if ('problem' in here) throw new Error(here.problem)
    expect(reservedBy({ ...RUN, ...run }, here, 'https://github.com')).toEqual(expected)
  })
})

describe('what becomes of it', () => {
  const planned = (action: Action, code: PlannedRef['code'] = null, ref = 'main'): PlannedRef => ({
    ...{ ref: refName(ref), action, before: oid('a'), after: action === 'delete' ? null : oid('b'), reason: 'why', code },
    side: action === 'none' || action === 'keep' ? null : 'here',
  })
  test.each<[Action, PlannedRef['code'], boolean | null, string]>([
    ['none', null, null, 'none'],
    ['create', null, null, 'create'],
    ['fast-forward', null, true, 'fast-forward'],
    [
      'fast-forward',
      null,
      false,
      'keep reserved-branch: the source is ahead, but it does not have `.github/workflows/pull.yml`, the running workflow',
    ],
    [
      'fast-forward',
      null,
      null,
      'keep reserved-branch: the source is ahead, but it is not known whether it has `.github/workflows/pull.yml`, the running workflow',
    ],
    ['force', null, null, 'keep reserved-branch: why; it holds the running workflow, so it is never overwritten'],
    ['delete', null, null, 'keep reserved-branch: why; it holds the running workflow, so it is never deleted'],
    ['keep', 'diverged', null, 'keep reserved-branch: why; it holds the running workflow'],
    ['keep', 'not-pruned', null, 'keep not-pruned: why'],
    ['keep', 'default-branch', null, 'keep default-branch: why'],
  ])('%s %s, the file survives %s: %s', (action, code, survives, expected) => {
    const [main, other] = keepReserved([planned(action, code), planned(action, code, 'other')], MAIN, survives, 'here')
    const words = main?.code === null ? main.action : `${main?.action} ${main?.code}: ${main?.reason}`
    expect(words.startsWith(expected)).toBe(true)
    expect(other).toEqual(planned(action, code, 'other'))
  })

  test('in both directions it is shown as from here to there, and what diverged is left as it is', () => {
    const [kept] = keepReserved([planned('force')], MAIN, null, 'there')
    expect(kept).toMatchObject({ action: 'keep', side: null, before: oid('b'), after: oid('a') })
    const others = [planned('keep', 'diverged'), { ...planned('force'), side: 'there' as const }]
    expect(keepReserved(others, MAIN, null, 'there')).toEqual(others)
  })

  test('only a fast-forward of it needs a look at the source', () => {
    expect(changeToLookInto([planned('fast-forward', null, 'other'), planned('fast-forward')], MAIN)).toEqual(planned('fast-forward'))
    for (const action of ['force', 'delete', 'create', 'keep', 'none'] as const)
      expect(changeToLookInto([planned(action)], MAIN)).toBeNull()
  })
})

describe('one object of a pack', () => {
  const entry = (type: number, data: Buffer): Buffer => {
    const sizes = [(type << 4) | (data.length & 15) | (data.length > 15 ? 128 : 0), ...(data.length > 15 ? [data.length >> 4] : [])]
    return Buffer.concat([Buffer.from(sizes), deflateSync(data)])
  }
  const pack = (...entries: Buffer[]): Buffer => {
    const head = Buffer.from([0x50, 0x41, 0x43, 0x4b, 0, 0, 0, 2, 0, 0, 0, entries.length])
    const body = Buffer.concat([head, ...entries])
    return Buffer.concat([body, createHash('sha1').update(body).digest()])
  }
  const name = Buffer.from('40000 dir\0')
  const tree = Buffer.concat([name, Buffer.alloc(20, 1), Buffer.from('100644 dir.yml\0'), Buffer.alloc(20, 2)])
  const wanted = { type: 'tree', oid: oidOf('tree', tree, 'sha1') } as const

  test('is found after others, and not in another type or in part of it', () => {
    const whole = pack(entry(3, Buffer.from('x')), entry(2, tree))
    expect(findObject(whole, wanted, 'sha1')).toEqual(tree)
    expect(findObject(whole, { ...wanted, type: 'commit' }, 'sha1')).toBeNull()
    for (let length = 0; length < whole.length - 20; length++) expect(findObject(whole.subarray(0, length), wanted, 'sha1')).toBeNull()
  })

  test('is not looked for behind what inflates to more than a tree can be', () => {
    const bomb = entry(3, Buffer.alloc(0))
    const huge = deflateSync(Buffer.alloc(2 ** 25 + 1))
    // 2^25 + 1 in the sizes of pack entries: four bits, then seven each.
    const sizes = [(3 << 4) | 1 | 128, 128, 128, 128, 1]
    expect(findObject(pack(Buffer.concat([Buffer.from(sizes), huge]), entry(2, tree)), wanted, 'sha1')).toBeNull()
    expect(findObject(pack(bomb, entry(2, tree)), wanted, 'sha1')).toEqual(tree)
  })

  test('its entries', () => {
    expect(entryOf(tree, 'dir', 'sha1')).toEqual({ oid: '01'.repeat(20), type: 'tree' })
    expect(entryOf(tree, 'dir.yml', 'sha1')).toEqual({ oid: '02'.repeat(20), type: 'blob' })
    expect(entryOf(tree, 'di', 'sha1')).toBeNull()
    expect(entryOf(Buffer.alloc(0), 'a', 'sha1')).toBeNull()
    expect(() => entryOf(tree.subarray(0, 40), 'dir.yml', 'sha1')).toThrow('a tree of the pack is damaged')
    expect(() => entryOf(tree, 'dir.yml', 'sha256')).toThrow('a tree of the pack is damaged')
  })

  test('the tree of a commit', () => {
    expect(treeOf(Buffer.from(`tree ${'a'.repeat(40)}\nparent x`))).toBe('a'.repeat(40))
    expect(() => treeOf(Buffer.from('parent'))).toThrow('has no tree')
  })
})
