import { join } from 'node:path'
import { commit, createBare } from '../../test/support/git-repository.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { mirrorCommand, nodeStart, ours } from '../commands.ts'
import type { Group } from '../context.ts'
import { alternate, type Command, measure } from '../measure.ts'
import { PROTOCOLS } from '../servers.ts'

/** The cost of a run without changes, compared with a start of node. */
export const startUp: Group = async context => {
  const { servers, flags, runs } = context
  const tiny = await createBare(join(temporaryDirectory(), 'tiny.git'))
  await commit(tiny, 'main', { files: { a: '1\n' } })
  const [from, to] = [servers.put('tiny', tiny), servers.put('tiny-mirror', tiny)]
  const overNetwork = PROTOCOLS.map(
    protocol =>
      [
        `no change of a tiny repository, ${protocol}`,
        mirrorCommand('mirror', { servers, route: servers.route(protocol, 'direct'), from, to }, flags),
      ] as const,
  )
  const commands: readonly (readonly [string, Command])[] = [
    ['version', ours(['version'])],
    ['no change of a tiny repository, paths', ours(['mirror', servers.directory(from), servers.directory(to), ...flags])],
    ...overNetwork,
  ]
  const all = [nodeStart(), ...commands.map(([, command]) => command)]
  const [node, ...results] = await alternate(
    all.map(command => ({ run: () => measure(command) })),
    runs,
  )
  const theirs = { value: node?.ms ?? Number.NaN, what: 'node -e 0' }
  return commands.map(([row], i) => ({ row: `start-up: ${row}`, unit: 'ms', ours: results[i]?.ms ?? null, theirs }))
}
