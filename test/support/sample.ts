import type { Advertisement } from '../../src/refs/advertisement.ts'
import type { Oid, RefName } from '../../src/refs/ref.ts'

/** A made-up oid: the digit, forty times. */
export const oid = (digit: string): Oid => digit.repeat(40) as Oid

/** `main` → `refs/heads/main`, `tags/v1` → `refs/tags/v1`. */
export const refName = (name: string): RefName => (name.startsWith('tags/') ? `refs/${name}` : `refs/heads/${name}`) as RefName

interface Sample {
  readonly head?: string | null
  /** Name → its target, and the digit of its tip. */
  readonly symbolic?: Readonly<Record<string, readonly [target: string, tip: string]>>
  readonly peeled?: Readonly<Record<string, string>>
  readonly symbolicIsWhole?: boolean
}

/** One side: `{ main: 'a', 'tags/v1': 'b' }`, each digit standing for an oid. */
export function advertise(
  refs: Readonly<Record<string, string>>,
  { head = 'main', symbolic = {}, peeled = {}, symbolicIsWhole = true }: Sample = {},
): Advertisement {
  const map = (entries: Readonly<Record<string, string>>) =>
    new Map(Object.entries(entries).map(([name, digit]) => [refName(name), oid(digit)]))
  return {
    refs: map(refs),
    peeled: map(peeled),
    symbolicIsWhole,
    symbolic: new Map(Object.entries(symbolic).map(([name, [target, tip]]) => [refName(name), { target: refName(target), tip: oid(tip) }])),
    mirroringRefs: new Map(),
    hasHead: head !== null,
    head: head === null ? null : refName(head),
    objectFormat: Object.keys(refs).length === 0 ? null : 'sha1',
    unusable: [],
    damaged: new Map(),
  }
}
