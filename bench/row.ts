export type Unit = 'ms' | 'bytes' | 'round trips'

/** The goal: times faster than git, at most this fraction of git's value, or at most this value. */
export type Target =
  | { readonly kind: 'times-faster'; readonly atLeast: number }
  | { readonly kind: 'ratio'; readonly atMost: number }
  | { readonly kind: 'ours'; readonly atMost: number }

/** One line of the result. */
export interface Row {
  readonly row: string
  readonly unit: Unit
  /** null if it could not be measured on this machine. */
  readonly ours: number | null
  readonly theirs?: { readonly value: number; readonly what: string }
  readonly target?: Target
  /** How it was measured, or another remark. */
  readonly note?: string
}

export type Verdict = 'met' | 'missed' | '–'

/** Ours divided by theirs; null without one of them. */
export const ratioOf = ({ ours, theirs }: Row): number | null => (ours === null || theirs === undefined ? null : ours / theirs.value)

export function verdictOf(row: Row): Verdict {
  const { ours, target } = row
  const ratio = ratioOf(row)
  if (target === undefined) return '–'
  if (target.kind === 'ours') return ours === null ? '–' : judge(ours <= target.atMost)
  if (ratio === null) return '–'
  return judge(target.kind === 'ratio' ? ratio <= target.atMost : 1 / ratio >= target.atLeast)
}

const judge = (good: boolean): Verdict => (good ? 'met' : 'missed')
