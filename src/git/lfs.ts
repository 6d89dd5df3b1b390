import { Failure } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import { watchIdle } from '../tasks/idle-watch.ts'
import { collectText } from './output.ts'
import { startGit } from './process.ts'
import { commandOf, describeEnd, type GitResult, type LocalGit, runLocalGit } from './run.ts'

export interface LfsCommand extends LocalGit, Pick<Host, 'hide' | 'debug'> {
  /** Arguments of git that come before the command. */
  readonly settings: readonly string[]
  /** git-lfs writes its progress there (git-lfs-config(5), `GIT_LFS_PROGRESS`); absolute. */
  readonly progressFile: string
  /** Asked again and again: the bytes that it has moved so far. */
  readonly bytesMoved: () => Promise<number>
  /** git-lfs is ended when it moves nothing for this long. */
  readonly stallMs: number
  /** Asked again and again. git-lfs is ended when the answer is yes. */
  readonly isTooMuch: () => Promise<boolean>
}

/** A finished git-lfs. */
export interface LfsResult extends Pick<GitResult, 'command' | 'exitCode' | 'ended'> {
  /** Its stdout and stderr, free of secrets. */
  readonly output: string
}

/** First major version of git-lfs with everything that is needed here. */
const MINIMUM = 3

/** Interval of the checks whether something has moved, and nothing is too much. */
const CHECK_MS = 250

/** For Debian and Ubuntu, macOS and Windows. GitHub's own runners have git-lfs. */
const INSTALL =
  'install git-lfs 3 or newer on the runner (`apt-get install git-lfs`, `brew install git-lfs`, or https://git-lfs.com), or set `lfs: false` to mirror without LFS objects'

/** @throws Failure `git-lfs-missing` if it is missing or too old; the signal's reason */
export async function checkLfs(local: LocalGit): Promise<void> {
  const { exitCode, stdout, stderr } = await runLocalGit(['lfs', 'version'], local)
  const output = `${stdout.toString('utf8')}${stderr}`
  const version = /git-lfs\/(\d+)\.(\d+)/.exec(output)
  if (exitCode === 0 && Number(version?.[1]) >= MINIMUM) return
  const found = version === null ? 'git-lfs is not there' : `"${version[0]}" is too old`
  throw new Failure('git-lfs-missing', `LFS objects are to be moved, and ${found}`, { hint: INSTALL, detail: output })
}

/**
 * Runs `git lfs` to its end, or ends it when nothing moves any more. The caller decides what its exit code means.
 * @throws Failure `git-missing` if it could not be started; the signal's reason
 */
export async function runLfs(
  args: readonly string[],
  { env, cwd, settings, progressFile, bytesMoved, stallMs, isTooMuch, hide, debug, signal }: LfsCommand,
): Promise<LfsResult> {
  const startedAt = performance.now()
  const git = startGit([...settings, 'lfs', ...args], { env: { ...env, GIT_LFS_PROGRESS: progressFile }, cwd, signal })
  git.stdin.end()
  const streams = [git.stdout, git.stderr]
  const collected = collectText(streams)
  let [bytes, moved] = [0, 0]
  for (const stream of streams) stream.on('data', (piece: Buffer) => (bytes += piece.length))
  const onSilence = () => git.kill(STALLED)
  const watch = watchIdle(stallMs, () => bytes, onSilence)
  const look = async (): Promise<void> => {
    if (await isTooMuch()) git.kill()
    const now = await bytesMoved()
    // An object that begins anew has fewer.
    bytes += Math.abs(now - moved)
    moved = now
  }
  const timer = setInterval(() => void look(), CHECK_MS)
  const exitCode = await watch.wait(git.exit).finally(() => clearInterval(timer))
  signal?.throwIfAborted()
  const output = hide(collected())
  const command = commandOf(['lfs', ...args])
  debug(describeEnd(command, exitCode, startedAt, output))
  return { command, exitCode, output, ended: git.ended() }
}

const STALLED = new Failure('lfs-stalled', 'nothing of an LFS object moved any more')
