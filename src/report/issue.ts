import { clip } from '../text/escape.ts'
import { showCount } from '../text/quantity.ts'
import { type Advice, adviseOnFailed, adviseOnKept } from './advice.ts'
import { interestingFirst, isDivergent, isTrouble } from './interest.ts'
import { code, link, prose } from './markdown.ts'
import { advised, failureBlock, listOf, MAX_SENTENCE, paragraphs, takeWhileFits } from './paragraphs.ts'
import type { Report } from './report.ts'

/** In characters; `body` is below what GitHub takes (65,536). Escapes make a text up to twenty times as long. */
const MAX = { reason: 500, hint: 1000, detail: 8000, refs: 20, advice: 5, title: 200, list: 20_000, body: 50_000 } as const

/** The content of an issue besides the report. */
export interface IssueContext {
  /** Identifies the mirror, so that later runs find its issue: 16 hexadecimal digits. */
  readonly id: string
  readonly consecutiveFailures: number
  /** Web page of the run; null if it is unknown. */
  readonly runUrl: string | null
}

/** Why a run failed: the code of the failure or of the worst ref. A change of it is worth a comment. */
export function reasonOf({ failure, refs }: Pick<Report, 'failure' | 'refs'>): string {
  if (failure !== null) return failure.kind
  const [worst] = interestingFirst(refs.filter(ref => isTrouble(ref) || isDivergent(ref)))
  return worst?.code ?? worst?.outcome ?? 'kept'
}

// It counts only at the end, because a server's text may come before it.
const MARKER = /<!-- repository-mirroring ([0-9a-f]{16}) ([a-z-]{1,60}) -->\s*$/

/** The mirror of an issue, and the last reason of its failure; null for an issue of another origin. */
export function parseMarker(body: string): { readonly id: string; readonly reason: string } | null {
  const [, id, reason] = MARKER.exec(body) ?? []
  return id === undefined || reason === undefined ? null : { id, reason }
}

const WAYS = { push: ['to', 'destination'], pull: ['from', 'source'], bidirectional: ['with', 'destination'] } as const

/** The title is plain text: forges render no Markdown in it. */
export function issueTitle(report: Report): string {
  const [word, side] = WAYS[report.direction]
  const { url } = report[side]
  return url === '' ? 'Mirroring fails' : clip(`Mirroring ${word} ${url} fails`, MAX.title)
}

/** The failure, its reason and the advice, with an invisible marker. The report must be free of secrets; server text in it becomes plain text. */
export function issueBody(report: Report, { id, consecutiveFailures, runUrl }: IssueContext): string {
  const { source, destination, direction, failure } = report
  const times = consecutiveFailures === 1 ? 'The last run failed' : `The last ${consecutiveFailures} runs failed`
  const way = source.url === '' ? '' : `, ${direction} of ${code(source.url)} to ${code(destination.url)}`
  return [
    `${times}${way}. ${runUrl === null ? '' : link('This is the last one', runUrl)}${runUrl === null ? '' : '.'}`.trim(),
    failure === null ? refsOf(report) : failureOf(failure),
    'Each failed run rewrites this text, so put notes into comments. The first successful run closes the issue.',
    `<!-- repository-mirroring ${id} ${reasonOf(report)} -->`,
  ].join('\n\n')
}

function failureOf(failure: NonNullable<Report['failure']>): string {
  const block = failureBlock({ ...failure, where: null }, MAX.detail)
  if (block.length <= MAX.body) return block
  return paragraphs([
    `**${prose(failure.title)}**. The message is too long for an issue: see the summary of the run.`,
    `**What to do**: ${advised(clip(failure.hint, MAX.hint), failure.docs)}`,
  ])
}

function refsOf({ refs }: Report): string {
  const troubled = interestingFirst(refs.filter(ref => isTrouble(ref) || isDivergent(ref)))
  const lineOf = ({ ref, outcome, reason }: Report['refs'][number]) => `${code(ref)} ${outcome}: ${prose(clip(reason, MAX.reason))}`
  const lines = takeWhileFits(troubled.slice(0, MAX.refs), lineOf, MAX.list)
  const advice = adviseOnTroubled(refs).slice(0, MAX.advice)
  return paragraphs([
    listOf(lines, troubled.length - lines.length) || 'Some refs were kept, which `fail-on` counts as a failure.',
    advice.length === 0 ? '' : `**What to do**\n\n${listOf(takeWhileFits(advice, adviceItem, MAX.list), 0)}`,
  ])
}

/** Each piece of advice once, for all refs that need attention, the most urgent first. */
const adviseOnTroubled = (refs: Report['refs']): Advice[] => [...adviseOnFailed(refs), ...adviseOnKept(refs.filter(isDivergent))]

const adviceItem = ({ title, hint, docs }: Advice): string => `**${prose(title)}**: ${advised(clip(hint, MAX.hint), docs)}`

const at = (runUrl: string | null): string => (runUrl === null ? '' : ` (${link('this run', runUrl)})`)

/** The comment on a failure whose reason has changed. */
export function changeComment({ failure, refs }: Report, { runUrl }: IssueContext): string {
  const [advice] = adviseOnTroubled(refs)
  const title = failure?.title ?? advice?.title ?? 'Refs kept'
  return `It fails for another reason now${at(runUrl)}: **${prose(title)}**${failure === null ? '' : `: ${prose(clip(failure.message, MAX_SENTENCE).split('\n')[0] ?? '')}`}`
}

/** The comment on a recovery. @param failures their number; null = unknown */
export const recoveryComment = (failures: number | null, runUrl: string | null): string =>
  `The mirror works again${at(runUrl)}${failures === null || failures === 0 ? '' : `, after ${showCount(failures, 'failed run')}`}.`
