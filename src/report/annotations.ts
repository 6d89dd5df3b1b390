import type { Annotation } from '../host/host.ts'
import { adviseOn } from './advice.ts'
import { clip, escapeServerText, oneLine } from './escape.ts'
import { interestingFirst, isDivergent, isTrouble } from './interest.ts'
import type { FailureReport, RefReport, Report } from './outcome.ts'
import { showCount } from './quantity.ts'
import { type SideWords, sideWords } from './side-words.ts'

// The runner keeps 10 annotations of a level in a step, silently, and 4096 UTF-16 units of a message.
const MAX_OF_LEVEL = 10
const MAX_MESSAGE = 4096

/**
 * What must be seen without opening the log: an error for the failure and for each ref that was refused, a warning for each that is left divergent.
 * Of each level at most 10; the tenth then counts and names the rest.
 */
export function annotationsOf({ refs, failure, direction = 'push' }: Pick<Report, 'refs' | 'failure'> & Partial<Report>): Annotation[] {
  const annotate = annotatorFor(sideWords(direction))
  const sorted = interestingFirst(refs)
  const about = failure === null ? [] : [failureAnnotation(failure)]
  const troubles = sorted.filter(isTrouble)
  const divergent = sorted.filter(isDivergent)
  return [...about, ...annotate('error', troubles, MAX_OF_LEVEL - about.length), ...annotate('warning', divergent, MAX_OF_LEVEL)]
}

const annotatorFor = (sides: SideWords) => (level: Annotation['level'], refs: readonly RefReport[], max: number) => {
  const shown = refs.length <= max ? refs : refs.slice(0, max - 1)
  const annotations = shown.map(ref => refAnnotation(level, ref, sides))
  return refs.length <= max ? annotations : [...annotations, restAnnotation(level, refs.slice(max - 1))]
}

const WORDS = { rejected: 'was rejected', raced: 'was not changed', failed: 'failed' } as const satisfies Partial<
  Record<RefReport['outcome'], string>
>

const isTold = (outcome: string): outcome is keyof typeof WORDS => outcome in WORDS

/** A verification found it: nothing was to be done. */
const isFound = ({ outcome, code }: RefReport): boolean => outcome === 'skipped' && code !== 'name-unusable'

function refAnnotation(level: Annotation['level'], ref: RefReport, sides: SideWords): Annotation {
  const { title, hint, docs } = adviseOn(ref)
  const became = isTold(ref.outcome) ? WORDS[ref.outcome] : isFound(ref) ? 'is not the same on both sides' : 'was left alone'
  return { level, title, message: compose(`"${ref.ref}" ${became}: ${ref.reason}${tipsOf(ref, sides)}`, `${hint}${waysOf(ref)}`, docs) }
}

const hasWays = ({ resolve = [] }: RefReport): boolean => resolve.length > 0

const tipsOf = (ref: RefReport, { source, destination }: SideWords): string =>
  hasWays(ref) ? `\n${destination}: ${ref.before}, ${source}: ${ref.after}` : ''

const waysOf = ({ resolve = [] }: RefReport): string => resolve.map(({ what, command }) => `\nTo ${what}: ${command}`).join('')

const failureAnnotation = ({ title, message, hint, docs }: FailureReport): Annotation => ({
  level: 'error',
  title,
  message: compose(message, hint, docs),
})

/** What and why, cut if need be, so that what to do and the link stay. */
function compose(what: string, hint: string, docs: string): string {
  const end = `\nWhat to do: ${clip(escapeServerText(hint), MAX_MESSAGE / 2)}\n${docs}`
  return clip(escapeServerText(what), MAX_MESSAGE - end.length) + end
}

function restAnnotation(level: Annotation['level'], refs: readonly RefReport[]): Annotation {
  const what = level === 'error' ? 'not changed' : 'left alone'
  const names = refs.map(({ ref }) => oneLine(ref)).join(', ')
  const message = `${showCount(refs.length, 'more ref')} ${refs.length === 1 ? 'was' : 'were'} ${what}; the job summary tells why: ${names}`
  return { level, title: `${refs.length} more`, message: clip(message, MAX_MESSAGE) }
}
