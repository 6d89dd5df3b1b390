/** One of the two repositories of a mirror: `here` is the repository of the run, `there` the one at `remote-url`. */
export type Side = 'here' | 'there'

export const SIDES = ['here', 'there'] as const satisfies readonly Side[]

export const otherSide = (side: Side): Side => (side === 'here' ? 'there' : 'here')

export type PerSide<T> = Readonly<Record<Side, T>>
