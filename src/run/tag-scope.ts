import type { Selection } from '../refs/select.ts'
import {
  beyondNotice,
  damagedBranch,
  leftOutNotice,
  narrowsBranches,
  tagsInQuestion,
  unknownNotice,
  withoutTags,
} from '../refs/tag-scope.ts'
import { otherSide, type Side } from '../remote/side.ts'
import { isChanged } from '../settings/direction.ts'
import type { Settings } from '../settings/settings.ts'
import type { FirstTips, Sides } from '../transfer/sides.ts'
import { isImpossible } from '../transfer/transfer-choice.ts'

/**
 * Leaves out the tags whose commit no selected branch contains, or reports them, as `tag-scope` says. A tag is judged by the branches of its own side.
 * If one of those is damaged, the tags that no other branch contains count as damaged, too. Nothing is asked unless the two sides differ in a tag.
 * @param first tips when the run began, because a later attempt must report the same tags
 * @returns both sides, the selection, and notices for the report
 * @throws Failure if a side cannot be read; `relay-impossible` if only git can answer
 */
export async function scopeTags(sides: Sides, { direction, tagScope }: Settings, selection: Selection, first: FirstTips) {
  const isLimited = tagScope === 'reachable'
  const { here, there } = sides
  if (!isLimited && !narrowsBranches(selection)) return { here, there, selection, notices: [] }
  const judge = async (side: Side) => {
    const taking = otherSide(side)
    const question = tagsInQuestion(sides[side], first[taking] ?? sides[taking].refs, selection)
    const all = question.tags.map(({ ref }) => ref)
    if (all.length === 0) return { side, beyond: [], unknown: [] }
    const beyond = question.branches.length === 0 ? all : await sides.tagsBeyond(side, question).catch(orUnknown)
    const isKnown = beyond !== null && damagedBranch(sides[side], selection) === null
    return isKnown ? { side, beyond, unknown: [] } : { side, beyond: [], unknown: beyond ?? all }
  }
  const orUnknown = (error: unknown) => {
    // A notice is not worth a clone.
    if (!isLimited && isImpossible(error)) return null
    throw error
  }
  const answers = await Promise.all((['here', 'there'] as const).filter(side => isChanged(otherSide(side), direction)).map(judge))
  const beyond = [...new Set(answers.flatMap(answer => answer.beyond))].sort()
  if (!isLimited) {
    const unknown = answers.reduce((sum, answer) => sum + answer.unknown.length, 0)
    return {
      here,
      there,
      selection,
      notices: [...(beyond.length > 0 ? [beyondNotice(beyond)] : []), ...(unknown > 0 ? [unknownNotice(unknown)] : [])],
    }
  }
  const judged = { here, there }
  for (const { side, unknown } of answers) judged[side] = withoutTags(sides[side], unknown, selection)
  if (beyond.length === 0) return { ...judged, selection, notices: [] }
  return { ...judged, selection: { ...selection, leftOut: new Set(beyond) }, notices: [leftOutNotice(beyond)] }
}
