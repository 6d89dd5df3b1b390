import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, messageOf } from '../errors/failure.ts'
import { KINDS } from '../errors/kinds.ts'
import type { Host } from '../host/host.ts'
import type { Advertisement } from '../refs/advertisement.ts'
import { collectRefs } from '../refs/collection.ts'
import { isOid } from '../refs/ref.ts'
import type { Side } from '../remote/side.ts'
import { fieldsOf, parseJson } from '../text/json.ts'
import { remoteFailure } from './remote-failure.ts'
import { type GitResult, runGit } from './run.ts'

/** One side as git sees it: an address without secrets, and the environment in which git may speak to it. */
export interface GitRemote extends Pick<Host, 'hide' | 'debug'> {
  readonly side: Side
  readonly url: string
  readonly env: Readonly<Record<string, string>>
  /** A directory of ours outside any repository. */
  readonly cwd: string
  /** Whether credentials are configured, so that "no credentials" from git means that they were refused. */
  readonly hasCredentials: boolean
  /** The file in which the program that git connects through leaves its Failure as JSON; null without one. */
  readonly failureFile: string | null
  /** When it aborts, a running command ends and no other is started. */
  readonly signal?: AbortSignal | undefined
}

/** Reads what the remote has, over one connection. @throws Failure */
export async function readAdvertisement(remote: GitRemote): Promise<Advertisement> {
  const trace = join(remote.cwd, `${remote.side}-${randomUUID()}.trace`)
  const result = await runGit(['ls-remote', '--symref', remote.url], { ...remote, env: { ...remote.env, GIT_TRACE2_EVENT: trace } })
  if (result.exitCode !== 0) throw await failureOf(remote, result)
  // By git's own trace the server answered in protocol v2 (api-trace2, "negotiated-version"). No word of it counts as no.
  const traced = await readFile(trace, 'utf8').catch(() => '')
  const symbolicIsWhole = /"key":"negotiated-version","value":"2"/.test(traced)
  try {
    return parseLsRemote(result.stdout, { symbolicIsWhole })
  } catch (cause) {
    if (cause instanceof Failure) throw cause.on(remote.side)
    throw new Failure('remote-error', `the list of refs could not be read: ${messageOf(cause)}`, { side: remote.side, cause })
  }
}

/** Why a git command with this remote failed: because we ended it, for the reason that our own ssh program left, or for the one in git's output. */
export async function failureOf(remote: GitRemote, result: GitResult): Promise<Failure> {
  if (remote.signal?.aborted) return Failure.from(remote.signal.reason).on(remote.side)
  // The disk is that of this machine.
  const side = result.ended?.kind === 'disk-full' ? null : remote.side
  if (result.ended !== null) return result.ended.with({ side, detail: result.stderr })
  const left = remote.failureFile === null ? null : await readLeftFailure(remote.failureFile, remote.side)
  if (left !== null) return left
  const failure = remoteFailure(result.stderr, remote.side)
  if (failure.kind !== 'credentials-missing' || !remote.hasCredentials) return failure
  return failure.with({ kind: 'credentials-refused', message: 'the server refused the credentials' })
}

/** null where the program left none, or was killed while it wrote it: then git's own words must do. */
async function readLeftFailure(file: string, side: Side): Promise<Failure | null> {
  const left = parseJson(await readFile(file, 'utf8').catch(() => ''))
  return isLeftFailure(left) ? new Failure(left.kind, left.message, { side, detail: left.detail, hint: left.hint }) : null
}

function isLeftFailure(value: unknown): value is Pick<Failure, 'kind' | 'message' | 'detail' | 'hint'> {
  const { kind, message, hint } = fieldsOf(value)
  return typeof kind === 'string' && kind in KINDS && typeof message === 'string' && typeof hint === 'string'
}

/**
 * Reads what `git ls-remote --symref <url>` prints: `<oid> TAB <name>`, `<oid> TAB <name>^{}` for what a tag points to,
 * and `ref: <target> TAB <name>` for symbolic refs (git-ls-remote(1)). Everything outside branches, tags and HEAD is passed over.
 * @param symbolicIsWhole whether the server reported all symbolic refs
 * @throws Error when a line is none of these: half an answer must not pass for a whole one
 */
export function parseLsRemote(output: Buffer, { symbolicIsWhole }: Pick<Advertisement, 'symbolicIsWhole'>): Advertisement {
  const collection = collectRefs()
  for (const line of linesOf(output)) {
    const tab = line.indexOf(9)
    const value = line.toString('utf8', 0, Math.max(tab, 0))
    const name = line.subarray(tab + 1)
    const target = value.startsWith('ref: ') ? value.slice(5) : null
    if (target !== null) collection.addSymbolic(name, target)
    else if (tab >= 0 && isOid(value)) collection.add(name, value)
    else throw new Error(`unexpected line "${line.toString('utf8', 0, 200)}"`)
  }
  return collection.finish({ symbolicIsWhole, objectFormat: null })
}

function* linesOf(output: Buffer): Generator<Buffer> {
  let start = 0
  while (start < output.length) {
    const newline = output.indexOf(10, start)
    if (newline < 0) throw new Error('the answer ends in the middle of a line')
    yield output.subarray(start, newline)
    start = newline + 1
  }
}
