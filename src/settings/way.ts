import { rolesOf } from './direction.ts'
import type { Settings } from './settings.ts'

/** From where to where, for a line of the log: URLs without secrets. */
export function describeWay({ direction, here, there }: Pick<Settings, 'direction' | 'here' | 'there'>): string {
  if (direction === 'bidirectional') return `${here.url} and ${there.url}, both ways`
  const { source, destination } = rolesOf(direction)
  const sides = { here, there }
  return `${sides[source].url} to ${sides[destination].url}`
}
