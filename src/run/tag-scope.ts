import type { RefName } from '../refs/ref.ts'
import type { Selection } from '../refs/select.ts'
import { beyondNotice, leftOutNotice, narrowsBranches, tagsInQuestion, unknownNotice } from '../refs/tag-scope.ts'
import { otherSide, type Side } from '../remote/side.ts'
import { isChanged } from '../settings/direction.ts'
import type { Settings } from '../settings/settings.ts'
import type { Sides } from '../transfer/sides.ts'
import { isImpossible } from '../transfer/transfer-choice.ts'

/**
 * Leaves out the tags whose commit no selected branch contains, or reports them, as `tag-scope` says. A tag is judged by the branches of its own side.
 * Nothing is asked unless the two sides differ in a tag.
 * @throws Failure if a side cannot be read; `relay-impossible` if only git can answer
 */
export async function scopeTags(sides: Sides, { direction, tagScope }: Settings, selection: Selection) {
  const isLimited = tagScope === 'reachable'
  if (!isLimited && !narrowsBranches(selection)) return { selection, notices: [] }
  const giving = (['here', 'there'] as const).filter(side => isChanged(otherSide(side), direction))
  const ask = async (side: Side): Promise<readonly RefName[] | number> => {
    const question = tagsInQuestion(sides[side], sides[otherSide(side)], selection)
    if (question.tags.length === 0) return []
    if (question.branches.length === 0) return question.tags.map(({ ref }) => ref)
    return await sides.tagsBeyond(side, question).catch((error: unknown) => {
      // A notice is not worth a clone.
      if (!isLimited && isImpossible(error)) return question.tags.length
      throw error
    })
  }
  const answers = await Promise.all(giving.map(ask))
  const beyond = [...new Set(answers.flatMap(answer => (typeof answer === 'number' ? [] : answer)))].sort()
  const unknown = answers.reduce<number>((sum, answer) => sum + (typeof answer === 'number' ? answer : 0), 0)
  if (isLimited && beyond.length > 0) return { selection: { ...selection, leftOut: new Set(beyond) }, notices: [leftOutNotice(beyond)] }
  return { selection, notices: [...(beyond.length > 0 ? [beyondNotice(beyond)] : []), ...(unknown > 0 ? [unknownNotice(unknown)] : [])] }
}
