import type { Annotation } from '../host/host.ts'
import { clip, escapeServerText, oneLine } from '../text/escape.ts'
import { showCount } from '../text/quantity.ts'
import { adviseOn } from './advice.ts'
import { interestingFirst, isDivergent, isTrouble } from './interest.ts'
import type { FailureReport, RefReport, Report } from './report.ts'
import type { Reports } from './reports.ts'
import { type SideWords, sideWords } from './words.ts'

// The runner keeps 10 annotations of a level in a step, silently, and 4096 UTF-16 units of a message.
const MAX_OF_LEVEL = 10
const MAX_MESSAGE = 4096
const MAX_NAMES = 5
const MAX_WHY = 300
const MAX_WHY_LINES = 3

/**
 * The messages that a user sees without opening the log. An error for the failure, for each ref that was refused, and for each cause (such as a lost
 * connection) that made refs fail. A warning for each divergent ref. Each level has at most 10; the tenth then counts and names the rest.
 */
export function annotationsOf({ refs, failure, direction = 'push' }: Pick<Report, 'refs' | 'failure'> & Partial<Report>): Annotation[] {
  const annotate = annotatorFor(sideWords(direction))
  const sorted = interestingFirst(refs)
  const about = failure === null ? [] : [failureAnnotation(failure)]
  const troubles = together(sorted.filter(isTrouble))
  const divergent = sorted.filter(isDivergent).map((ref): Group => [ref])
  return [...about, ...annotate('error', troubles, MAX_OF_LEVEL - about.length), ...annotate('warning', divergent, MAX_OF_LEVEL)]
}

/** The annotations of all mirrors, each with its mirror's name. If there are too many: the first of each mirror, and the tenth names the rest. */
export function annotationsOfAll({ mirrors }: Pick<Reports, 'mirrors'>): Annotation[] {
  return (['error', 'warning'] as const).flatMap(level => {
    const each = mirrors.map(({ name, report }) => ({
      name,
      annotations: annotationsOf(report)
        .filter(annotation => annotation.level === level)
        .map(annotation => ({ ...annotation, title: name === '' ? annotation.title : `${name}: ${annotation.title}` })),
    }))
    const all = each.flatMap(({ annotations }) => annotations)
    if (all.length <= MAX_OF_LEVEL) return all
    const troubled = each.filter(({ annotations }) => annotations.length > 0)
    const firsts = troubled.slice(0, MAX_OF_LEVEL - 1).flatMap(({ annotations }) => annotations.slice(0, 1))
    const rest = troubled.slice(MAX_OF_LEVEL - 1).map(({ name }) => name)
    const more = rest.length === 0 ? 'the job summary has more about these mirrors' : `the job summary also covers ${rest.join(', ')}`
    return [...firsts, { level, title: 'More', message: more }]
  })
}

/** Refs that one annotation is about. */
type Group = [RefReport, ...RefReport[]]

/** Refs that failed for one cause, such as a lost connection, share an annotation. Each refused ref gets its own. */
function together(refs: readonly RefReport[]): Group[] {
  const groups = new Map<string, Group>()
  for (const [index, ref] of refs.entries()) {
    const key = ref.outcome === 'failed' ? JSON.stringify([ref.code, ref.reason]) : String(index)
    const group = groups.get(key)
    if (group) group.push(ref)
    else groups.set(key, [ref])
  }
  return [...groups.values()]
}

const annotatorFor = (sides: SideWords) => (level: Annotation['level'], groups: readonly Group[], max: number) => {
  const shown = groups.length <= max ? groups : groups.slice(0, max - 1)
  const annotations = shown.map(group => groupAnnotation(level, group, sides))
  return groups.length <= max ? annotations : [...annotations, restAnnotation(level, groups.slice(max - 1).flat())]
}

function groupAnnotation(level: Annotation['level'], [first, ...others]: Group, sides: SideWords): Annotation {
  if (others.length === 0) return refAnnotation(level, first, sides)
  const { title, hint, docs } = adviseOn(first)
  const names = [first, ...others].slice(0, MAX_NAMES).map(({ ref }) => oneLine(ref))
  const rest = others.length + 1 - names.length
  const cause = `${showCount(others.length + 1, 'ref')} failed: ${first.reason}\n${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  return { level, title, message: compose(cause, hint, docs) }
}

function resultOf({ outcome, code }: RefReport): string {
  if (outcome === 'rejected') return 'was rejected'
  if (outcome === 'failed') return 'failed'
  // A verification skips a ref that differs.
  return outcome === 'skipped' && code !== 'name-unusable' ? 'is not the same on both sides' : 'was not changed'
}

function refAnnotation(level: Annotation['level'], ref: RefReport, sides: SideWords): Annotation {
  const { title, hint, docs } = adviseOn(ref)
  const message = `"${ref.ref}" ${resultOf(ref)}: ${ref.reason}${tipsOf(ref, sides)}`
  return { level, title, message: compose(message, `${hint}${waysOf(ref)}`, docs) }
}

const tipsOf = ({ resolve = [], before, after }: RefReport, { source, destination }: SideWords): string =>
  resolve.length > 0 ? `\n${destination}: ${before}, ${source}: ${after}` : ''

const waysOf = ({ resolve = [] }: RefReport): string => resolve.map(({ what, command }) => `\nTo ${what}: ${command}`).join('')

function failureAnnotation({ title, message, hint, docs, detail }: FailureReport): Annotation {
  // A short output of the server says why; a long one is for the summary.
  const why = detail !== null && isShort(detail) && !message.includes(detail) ? `\n${detail}` : ''
  return { level: 'error', title, message: compose(`${message}${why}`, hint, docs) }
}

const isShort = (text: string): boolean => text.length <= MAX_WHY && text.split('\n').length <= MAX_WHY_LINES

/** Cuts a long message, so that the advice and the link stay. */
function compose(message: string, hint: string, docs: string): string {
  const end = `\nWhat to do: ${clip(escapeServerText(hint), MAX_MESSAGE / 2)}\n${docs}`
  return clip(escapeServerText(message), MAX_MESSAGE - end.length) + end
}

function restAnnotation(level: Annotation['level'], refs: readonly RefReport[]): Annotation {
  const names = refs.map(({ ref }) => oneLine(ref)).join(', ')
  const message = `${showCount(refs.length, 'more ref')} ${refs.length === 1 ? 'was' : 'were'} not changed; the job summary has the reasons: ${names}`
  return { level, title: `${refs.length} more`, message: clip(message, MAX_MESSAGE) }
}
