import { rolesOf } from './direction.ts'
import type { Settings } from './settings.ts'

/** What is done from where to where, for a line of the log: URLs without secrets. */
export function describeWay({ operation, direction, here, there }: Pick<Settings, 'operation' | 'direction' | 'here' | 'there'>): string {
  if (operation === 'verify') return `comparing ${here.url} with ${there.url}`
  if (direction === 'bidirectional') return `mirroring ${here.url} and ${there.url}, both ways`
  const { source, destination } = rolesOf(direction)
  const sides = { here, there }
  return `mirroring ${sides[source].url} to ${sides[destination].url}`
}
