import { expect, test } from '@jest/globals'
import { defaultBranchesAfter } from '../../src/plan/default-branch.ts'
import { tipOf } from '../../src/refs/advertisement.ts'
import type { Oid, RefName } from '../../src/refs/ref.ts'
import { advertise, oid, refName } from '../support/sample.ts'

type Refs = Readonly<Record<string, string>>

const shown = (ref: RefName | null) => ref?.replace('refs/heads/', '') ?? null

test.each<[string, Refs, string | null, Refs, string | null, boolean, Record<string, string | null>, string]>([
  ['the same on both sides', { main: 'a' }, 'main', { main: 'a' }, 'main', true, {}, 'mirrored'],
  ['the source has another one', { dev: 'a', main: 'a' }, 'dev', { main: 'a', dev: 'a' }, 'main', true, {}, 'mirrored'],
  ['which is new', { dev: 'a' }, 'dev', { main: 'a' }, 'main', true, { dev: 'a' }, 'mirrored'],
  ['which did not land', { dev: 'a' }, 'dev', { main: 'a' }, 'main', true, {}, 'missing'],
  ['which was deleted', { dev: 'a' }, 'dev', { dev: 'a' }, 'dev', true, { dev: null }, 'missing'],
  ['the source reports none', { main: 'a' }, null, { main: 'a' }, 'main', true, {}, 'missing'],
  ['HEAD names no branch', { main: 'a', dev: 'a' }, 'dev', { main: 'a' }, 'trunk', false, {}, 'missing dangling main'],
  ['HEAD names a branch that is new', { main: 'a' }, 'main', {}, 'main', false, { main: 'a' }, 'mirrored'],
  [
    'HEAD named a branch that was deleted',
    { main: 'a' },
    'main',
    { old: 'a', main: 'a' },
    'old',
    true,
    { old: null },
    'mirrored dangling main',
  ],
  ['HEAD is not reported', { main: 'a' }, 'main', { main: 'a' }, null, false, {}, 'mirrored dangling main'],
  ['HEAD is not reported of an empty mirror', { main: 'a' }, 'main', {}, null, false, { main: 'a' }, 'mirrored'],
  ['HEAD is detached', { main: 'a' }, 'main', { main: 'a' }, null, true, {}, 'mirrored'],
  ['no branch at all', { 'tags/v1': 'a' }, 'main', { 'tags/v1': 'a' }, 'main', false, {}, 'missing'],
])('%s', (_, sourceRefs, sourceHead, refs, head, hasHead, changes, expected) => {
  const destination = { ...advertise(refs, { head }), hasHead }
  const changed = new Map(
    Object.entries(changes).map(([name, digit]): [RefName, Oid | null] => [refName(name), digit === null ? null : oid(digit)]),
  )
  const tipAfter = (ref: RefName) => (changed.has(ref) ? (changed.get(ref) ?? null) : tipOf(destination, ref))
  const found = defaultBranchesAfter(advertise(sourceRefs, { head: sourceHead }), destination, changed.keys(), tipAfter)
  const words = [found.isMirrored ? 'mirrored' : 'missing', ...(found.isDangling ? ['dangling', shown(found.best)] : [])]
  expect(words.join(' ')).toBe(expected)
  expect([shown(found.source), shown(found.destination)]).toEqual([sourceHead, head])
})
