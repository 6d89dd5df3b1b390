import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { end } from './child-process.ts'
import { type GitHttp, startGitHttp } from './git-http.ts'
import { gitEnvironment } from './git-repository.ts'
import { type LfsAnswered, type LfsGate, startGate } from './lfs-gate.ts'
import { startListening } from './listening.ts'

const PYTHON = fileURLToPath(new URL('../../.tools/python/bin/python', import.meta.url))
const LAUNCHER = fileURLToPath(new URL('lfs_server.py', import.meta.url))

/** A server for git over http and https that also has LFS objects, below `<repository>.git/info/lfs`, with the same login and no locks. */
export interface LfsServer extends GitHttp, Pick<LfsGate, 'intervene' | 'answered'> {
  /** Gets in to LFS alone, as `Authorization: RemoteAuth <token>`. */
  readonly lfsToken: string
  /** The LFS objects of a repository, oid → bytes. */
  stored(name: string): Map<string, number>
  removeObject(name: string, oid: string): void
  /** The objects that have been moved since the last `forget`, of one repository or all. */
  moved(name?: string): Moved
  /** Empties `answered`. */
  forget(): void
}

/** Whole objects that the server took or gave, and bytes, broken transfers included. */
export interface Moved {
  readonly uploads: number
  readonly uploadedBytes: number
  readonly downloads: number
  readonly downloadedBytes: number
}

/** Starts giftless behind nginx, on free ports of 127.0.0.1. `script/test` installs it, the first start compiles it. Stop it at the end of the test file. */
export async function startLfsServer(): Promise<LfsServer> {
  const gate = await startGate()
  const lfsToken = randomBytes(18).toString('base64url')
  const http = await startGitHttp({ lfs: { port: gate.port, token: lfsToken } })
  const { child, port } = await startListening(PYTHON, [LAUNCHER, http.repositories], gitEnvironment()).catch(async (error: unknown) => {
    await stopAll(gate.stop, http.stop)()
    throw error
  })
  gate.upstream = port
  return Object.assign(gate, {
    ...http,
    lfsToken,
    stored: (name: string) => storedObjects(join(http.repositories, `${name}.git`)),
    removeObject: (name: string, oid: string) => rmSync(objectFile(join(http.repositories, `${name}.git`), oid)),
    moved: (name?: string) => countMoved(gate.answered.filter(one => name === undefined || one.repository === name)),
    forget: () => {
      gate.answered.length = 0
    },
    stop: stopAll(gate.stop, () => end(child), http.stop),
  })
}

const stopAll =
  (...stops: readonly (() => Promise<void>)[]) =>
  async (): Promise<void> => {
    for (const stop of stops) await stop()
  }

/** The path at which git-lfs, `git-lfs-transfer` and the servers of the tests keep an object. @param gitDirectory of a repository, bare or not */
export function objectFile(gitDirectory: string, oid: string): string {
  return join(gitDirectory, 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid)
}

/** The LFS objects of a repository on disk, oid → bytes. */
export function storedObjects(gitDirectory: string): Map<string, number> {
  const root = join(gitDirectory, 'lfs', 'objects')
  const files = statSync(root, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(root, { recursive: true, withFileTypes: true })
  return new Map(files.filter(file => file.isFile()).map(file => [file.name, statSync(join(file.parentPath, file.name)).size]))
}

function countMoved(answered: readonly LfsAnswered[]): Moved {
  const of = (kind: 'upload' | 'download') => answered.filter(one => one.kind === kind)
  const whole = (kind: 'upload' | 'download') => of(kind).filter(one => one.status === 200).length
  const bytes = (kind: 'upload' | 'download') => of(kind).reduce((sum, one) => sum + one.bytes, 0)
  return {
    ...{ uploads: whole('upload'), uploadedBytes: bytes('upload') },
    ...{ downloads: whole('download'), downloadedBytes: bytes('download') },
  }
}
