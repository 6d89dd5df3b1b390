import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import { type MoveResult, moveObjects } from '../../src/lfs/move.ts'
import { openSession } from '../../src/session/session.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { endOfTest } from './clock.ts'
import { createBare } from './git-repository.ts'
import { type Noted, type Script, say } from './hostile-bytes.ts'
import type { Role } from './hostile-sides.ts'
import type { HostileWeb, WebPlan } from './hostile-web.ts'
import { objectFile } from './lfs-server.ts'
import { hostWith, PROGRAM } from './mirror.ts'
import { settingsFrom } from './settings.ts'

/** The LFS object of all rows. */
export const CONTENT = Buffer.from('the contents of a file\n'.repeat(40))
export const OBJECT = { oid: createHash('sha256').update(CONTENT).digest('hex'), size: CONTENT.length }

/** A request to a server of LFS objects. */
export interface Asked {
  readonly message: IncomingMessage
  readonly response: ServerResponse
  readonly noted: Noted
  readonly origin: string
}
export type Fault = (asked: Asked) => void

/** The faults of a server of LFS objects, by request. In all else it is a good one, that takes no object. */
export type LfsPlan = Readonly<Partial<Record<'batch' | 'download' | 'upload' | 'verify', Fault>>>

/** Sent in the place of HTTP. */
export const bytes =
  (...script: Script): Fault =>
  ({ message, noted }) =>
    void say(message.socket, script, noted)

/** The answer after its headers. */
export const answer =
  (status: number, headers: Readonly<Record<string, string>>, ...script: Script): Fault =>
  ({ response, noted }) => {
    response.writeHead(status, { 'Content-Type': 'application/vnd.git-lfs+json', ...headers })
    response.flushHeaders()
    void say(response, script, noted)
  }

/** A fault after which git-lfs waits, so that time alone ends it. */
export const hangs =
  (fault: Fault): Fault =>
  asked => {
    fault(asked)
    asked.noted.isWaiting = true
  }

/** The object in a good answer to a batch. */
const member = (origin: string, role: Role) => {
  const href = `${origin}/objects/${OBJECT.oid}`
  const actions = role === 'source' ? { download: { href } } : { upload: { href }, verify: { href: `${origin}/verify` } }
  return { ...OBJECT, authenticated: true, actions }
}

/** The answer to a batch, changed. @param change gives the object, or more of them @param around taken in besides */
export const objects =
  (role: Role, change: (object: ReturnType<typeof member>, href: string) => unknown, around: object = {}): Fault =>
  asked => {
    const { origin } = asked
    const changed = [change(member(origin, role), `${origin}/objects/${OBJECT.oid}`)].flat()
    answer(200, {}, JSON.stringify({ transfer: 'basic', objects: changed, ...around }))(asked)
  }

/** The plan of a server over HTTPS. */
export const lfsPlan = (web: HostileWeb, role: Role, plan: LfsPlan): WebPlan => ({
  answer: (message, response) => {
    const asked = { message, response, noted: web.noted, origin: web.origin }
    const kind = kindOf(message)
    const fault = plan[kind] ?? { batch: objects(role, object => object), download: GIVEN, upload: TAKEN, verify: TAKEN }[kind]
    if (kind === 'upload' && plan.upload !== undefined) return fault(asked)
    message.resume().once('end', () => fault(asked))
  },
})
const GIVEN = answer(200, { 'Content-Type': 'application/octet-stream' }, CONTENT)
const TAKEN = answer(200, {})

function kindOf({ url = '', method }: IncomingMessage): keyof LfsPlan {
  if (url.endsWith('/objects/batch')) return 'batch'
  if (url.endsWith('/verify')) return 'verify'
  return method === 'PUT' ? 'upload' : 'download'
}

/** The result for the object, and what is left. */
export interface MovedOne {
  readonly result: MoveResult
  /** Bare repository of the good side. */
  readonly other: string
  /** Holds what a run writes, until it ends. */
  readonly temporary: string
}

/** Moves the object from or to a hostile server, by the real git-lfs. The other side is a repository of this machine. */
export async function moveOne(role: Role, url: string, inputs: RawInputs, stallMs: number): Promise<MovedOne> {
  const other = await createBare()
  if (role === 'destination') {
    mkdirSync(dirname(objectFile(other, OBJECT.oid)), { recursive: true })
    writeFileSync(objectFile(other, OBJECT.oid), CONTENT)
  }
  const sides = role === 'source' ? { 'repository-url': url, 'remote-url': other } : { 'repository-url': other, 'remote-url': url }
  const settings = settingsFrom({ ...sides, ...inputs })
  const signal = endOfTest()
  const host = hostWith(() => {})
  const session = openSession(settings, host, { env: { PATH: process.env['PATH'] }, program: PROGRAM, signal })
  let result: MoveResult
  try {
    const [source, destination, local] = await Promise.all([session.lfs('here'), session.lfs('there'), session.local()])
    const options = { batchSize: 2 ** 20, say: () => {}, progress: () => {} }
    result = await moveObjects([OBJECT], { source, destination, local, stallMs, ...options })
  } finally {
    await session.dispose()
  }
  return { result, other, temporary: host.temporaryDirectory }
}
