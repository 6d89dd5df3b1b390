import type { Side } from '../remote/side.ts'
import type { Settings } from './settings.ts'

/** Both ways, push options are for the server there: the other one may not know them, and refuses what it does not know. */
export const pushOptionsFor = (side: Side, { direction, pushOptions }: Pick<Settings, 'direction' | 'pushOptions'>): readonly string[] =>
  direction === 'bidirectional' && side === 'here' ? [] : pushOptions
