import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { compareRefs, git, refsOf } from '../../test/support/git-repository.ts'
import { commitLfs, webLogin } from '../../test/support/lfs-repository.ts'
import { type LfsServer, type Moved, startLfsServer, storedObjects } from '../../test/support/lfs-server.ts'
import { temporaryDirectory } from '../../test/support/temporary-directory.ts'
import { ours } from '../commands.ts'
import { fewRuns, type Group } from '../context.ts'
import { alternate, type Contender, type Measured, measure } from '../measure.ts'
import { copyRepository } from '../repositories/tree.ts'
import type { Row } from '../row.ts'
import { clientEnvironment } from '../servers.ts'
import { quantity } from '../table.ts'

const OBJECT_BYTES = 100_000
const NEW_OBJECTS = 5
const SOURCE = 'lfs-source'
const DESTINATION = 'lfs-mirror'
const THEIRS = 'clone, lfs fetch + push --all, push'

/** LFS objects over https: a first mirror, and a few new ones, by both transfers and by hand. Always from and to the same server. */
export const lfs: Group = async ({ runs, quick, ...context }) => {
  const server = await startLfsServer()
  try {
    const objects = quick ? 20 : 500
    const place = await preparePlace(server, objects)
    const count = fewRuns({ ...context, runs, quick })
    return [
      ...(await compareFrom(place, place.empty, { name: `LFS, ${objects} objects of 100 kB, first mirror`, objects, runs: count })),
      ...(await compareFrom(place, place.before, {
        name: `LFS, ${NEW_OBJECTS} new of ${objects} objects`,
        objects: NEW_OBJECTS,
        runs: count,
      })),
    ]
  } finally {
    await server.stop()
  }
}

interface LfsPlace {
  readonly server: LfsServer
  /** Possible states of the destination before a run; they are copied. */
  readonly empty: string
  readonly before: string
}

async function preparePlace(server: LfsServer, objects: number): Promise<LfsPlace> {
  const config = { 'http.receivepack': 'true', 'uploadpack.allowFilter': 'true' }
  const empty = await server.createRepository('lfs-empty', { config })
  const source = await server.createRepository(SOURCE, { config })
  const files = (first: number, end: number) =>
    Object.fromEntries(Array.from({ length: end - first }, (_, index) => [`${(first + index) % 20}/${first + index}.bin`, OBJECT_BYTES]))
  await commitLfs(source, 'main', files(0, objects - NEW_OBJECTS))
  const before = join(temporaryDirectory(), 'before.git')
  copyRepository(source, before)
  await commitLfs(source, 'main', files(objects - NEW_OBJECTS, objects))
  return { server, empty, before }
}

interface Wanted {
  readonly name: string
  /** Number of LFS objects that the destination lacks. */
  readonly objects: number
  readonly runs: number
}

async function compareFrom(place: LfsPlace, before: string, { name, objects, runs }: Wanted): Promise<Row[]> {
  const ways = { relay: () => mirror(place, 'relay'), git: () => mirror(place, 'git'), 'by hand': () => byHand(place) }
  const moved = new Map<string, Moved>()
  const contenders = Object.entries(ways).map(
    ([way, run]): Contender => ({
      prepare: () => {
        rmSync(directoryOf(place, DESTINATION), { recursive: true, force: true })
        copyRepository(before, directoryOf(place, DESTINATION))
        place.server.forget()
      },
      run: async () => {
        const measured = await run()
        moved.set(way, place.server.moved())
        await verify(place)
        return measured
      },
    }),
  )
  const [relay, git, hand] = await alternate(contenders, runs)
  const theirs = { value: hand?.ms ?? Number.NaN, what: THEIRS }
  const row = (way: string, ms: number | undefined): Row => ({ row: `${name}, ${way}: time`, unit: 'ms', ours: ms ?? null, theirs })
  const bytes = (way: string): Row => ({
    row: `${name}, ${way}: bytes of LFS objects`,
    unit: 'bytes',
    ours: bytesOf(moved.get(way)),
    theirs: { value: bytesOf(moved.get('by hand')) ?? Number.NaN, what: THEIRS },
    target: { kind: 'ours', atMost: 2 * objects * OBJECT_BYTES },
    note: `down and up; by hand ${['down', 'up'].map(end => describe(moved.get('by hand'), end)).join(', ')}`,
  })
  return [row('relay', relay?.ms), row('git', git?.ms), bytes('relay'), bytes('git')]
}

const directoryOf = ({ server }: LfsPlace, name: string): string => join(server.repositories, `${name}.git`)

const bytesOf = (moved: Moved | undefined): number | null => (moved === undefined ? null : moved.downloadedBytes + moved.uploadedBytes)

function describe(moved: Moved | undefined, end: string): string {
  const [objects, bytes] = end === 'down' ? [moved?.downloads, moved?.downloadedBytes] : [moved?.uploads, moved?.uploadedBytes]
  return `${objects ?? 0} objects ${end} (${quantity(bytes ?? 0, 'bytes')})`
}

const addressOf = ({ server }: LfsPlace, name: string): string => server.url(name).replace('://', `://${server.user}@`)

function mirror(place: LfsPlace, transfer: 'relay' | 'git'): Promise<Measured> {
  const { token, caFile } = place.server
  const flags = ['--ca-certificate-file', caFile, '--transfer', transfer]
  return measure(
    ours(['mirror', addressOf(place, SOURCE), addressOf(place, DESTINATION), ...flags], {
      REPOSITORY_MIRRORING_TOKEN: token,
      REPOSITORY_MIRRORING_AUTH_SECRET: token,
    }),
  )
}

/** The commands to use without our program, on a machine without earlier data, like a runner. */
async function byHand(place: LfsPlace): Promise<Measured> {
  const clone = join(temporaryDirectory(), 'clone.git')
  const { env, config } = webLogin(place.server)
  const destination = addressOf(place, DESTINATION)
  const steps = [
    ['clone', '-q', '--mirror', addressOf(place, SOURCE), clone],
    ['-C', clone, 'lfs', 'fetch', '--all'],
    ['-C', clone, 'lfs', 'push', '--all', destination],
    ['-C', clone, 'push', '-q', '--mirror', destination],
  ]
  let ms = 0
  try {
    for (const args of steps)
      ms += (await measure({ program: 'git', args: [...config, ...args], env: { ...clientEnvironment(), ...env } })).ms
    return { ms, peakBytes: null, stdout: '' }
  } finally {
    rmSync(clone, { recursive: true, force: true })
  }
}

/** The same refs, and each LFS object. */
async function verify(place: LfsPlace): Promise<void> {
  const [from, to] = [SOURCE, DESTINATION].map(name => directoryOf(place, name)) as [string, string]
  const there = storedObjects(to)
  const missing = [...storedObjects(from)].filter(([oid, size]) => there.get(oid) !== size)
  const differences = compareRefs(await refsOf(from), await refsOf(to))
  if (missing.length + differences.length > 0)
    throw new Error(`the mirror lacks ${missing.length} LFS objects, and ${differences.length} refs differ`)
  await git(to, ['fsck', '--connectivity-only', '--no-dangling', '--no-progress'])
}
