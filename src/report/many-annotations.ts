import type { Annotation } from '../host/host.ts'
import { annotationsOf } from './annotations.ts'
import type { ManyReport } from './many.ts'

// The runner keeps 10 annotations of a level in a step, silently.
const MAX_OF_LEVEL = 10

/** The annotations of all mirrors, each with its mirror's name. Where they are too many: the first of each mirror, and the tenth names the rest. */
export function annotationsOfMany({ mirrors }: Pick<ManyReport, 'mirrors'>): Annotation[] {
  return (['error', 'warning'] as const).flatMap(level => {
    const each = mirrors.map(({ name, report }) => ({
      name,
      annotations: annotationsOf(report)
        .filter(annotation => annotation.level === level)
        .map(annotation => ({ ...annotation, title: `${name}: ${annotation.title}` })),
    }))
    const all = each.flatMap(({ annotations }) => annotations)
    if (all.length <= MAX_OF_LEVEL) return all
    const troubled = each.filter(({ annotations }) => annotations.length > 0)
    const firsts = troubled.slice(0, MAX_OF_LEVEL - 1).flatMap(({ annotations }) => annotations.slice(0, 1))
    const rest = troubled.slice(MAX_OF_LEVEL - 1).map(({ name }) => name)
    const more =
      rest.length === 0
        ? 'the job summary has what else there is to say of these mirrors'
        : `the job summary tells of ${rest.join(', ')}, too`
    return [...firsts, { level, title: 'More', message: more }]
  })
}
