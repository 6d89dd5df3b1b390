import { stat } from 'node:fs/promises'
import { Failure } from '../errors/failure.ts'
import { runGit } from './run.ts'
import { stoppable } from './stop.ts'
import { type Served, startGit } from './stream.ts'

export interface LfsCommand {
  /** Whole environment of the process, as made by environment.ts. */
  readonly env: Readonly<Record<string, string>>
  /** A repository. */
  readonly cwd: string
  /** Arguments of git that come before the command. */
  readonly settings: readonly string[]
  /** Where git-lfs tells how far it is (git-lfs-config(5), `GIT_LFS_PROGRESS`); absolute. */
  readonly progressFile: string
  /** Whoever moves nothing for so long is gone. */
  readonly stallMs: number
  readonly hide: (text: string) => string
  readonly debug: (message: string) => void
  /** When it comes git-lfs is ended, with all that it has started. */
  readonly signal?: AbortSignal
}

/** A finished git-lfs. */
export interface LfsResult {
  readonly command: string
  readonly exitCode: number
  /** Everything that it said, free of secrets. */
  readonly words: string
  /** It was ended, because nothing moved any more. */
  readonly stalled: boolean
}

/** The first of git-lfs' major versions that can do what is asked of it here. */
const MINIMUM = 3

/** How often is looked whether something has moved. */
const LOOK_MS = 1000

/** Of what git-lfs says; it may say a line of each of a hundred thousand objects. */
const MAX_WORDS = 2 ** 24

/** For Debian and Ubuntu, macOS and Windows, where the runner has it not: GitHub's own have. */
const INSTALL =
  'install git-lfs 3 or newer on the runner (`apt-get install git-lfs`, `brew install git-lfs`, or https://git-lfs.com), or set `lfs: false` to mirror without LFS objects'

/** @throws Failure `git-lfs-missing` where there is none, or an old one */
export async function checkLfs({ env, cwd }: Pick<LfsCommand, 'env' | 'cwd'>): Promise<void> {
  const { exitCode, stdout, stderr } = await runGit(['lfs', 'version'], { env, cwd })
  const words = `${stdout.toString('utf8')}${stderr}`
  const version = /git-lfs\/(\d+)\.(\d+)/.exec(words)
  if (exitCode === 0 && Number(version?.[1]) >= MINIMUM) return
  const found = version === null ? 'git-lfs is not there' : `"${version[0]}" is too old`
  throw new Failure('git-lfs-missing', `LFS objects are to be moved, and ${found}`, { hint: INSTALL, detail: words })
}

/**
 * Runs `git lfs` to its end, or ends it where it stands still. What its exit code means is for the caller to say.
 * @throws Failure `git-missing` when it could not be started; the signal's reason where that came
 */
export async function runLfs(
  args: readonly string[],
  { env, cwd, settings, progressFile, stallMs, hide, debug, signal }: LfsCommand,
): Promise<LfsResult> {
  signal?.throwIfAborted()
  const stall = new AbortController()
  const heard: Heard = { pieces: [], bytes: 0 }
  const startedAt = performance.now()
  const end = AbortSignal.any([stall.signal, ...(signal === undefined ? [] : [signal])])
  const exitCode = await stoppable(end, async () => {
    const git = startGit([...settings, 'lfs', ...args], { env: { ...env, GIT_LFS_PROGRESS: progressFile }, cwd })
    git.stdin.end()
    listen(git, heard)
    const watch = watchFor({ progressFile, heard, stallMs, end: () => stall.abort() })
    // Unlike git it would not notice by itself that nobody reads what it says, and would go on.
    process.once('exit', git.kill)
    return await git.exit.finally(() => {
      process.off('exit', git.kill)
      watch.end()
    })
  })
  signal?.throwIfAborted()
  const command = `git lfs ${args.join(' ')}`.slice(0, 500)
  const said = hide(Buffer.concat(heard.pieces).toString('utf8'))
  debug(`${command} ended with ${exitCode} after ${Math.round(performance.now() - startedAt)} ms\n${said.slice(0, 10_000)}`.trimEnd())
  return { command, exitCode, words: said, stalled: stall.signal.aborted }
}

/** What a process has said so far. */
interface Heard {
  /** Its beginning. */
  readonly pieces: Buffer[]
  /** Of all of it. */
  bytes: number
}

interface Watched {
  readonly progressFile: string
  readonly heard: Heard
  readonly stallMs: number
  readonly end: () => void
}

/** Looks whether the progress goes on. */
function watchFor({ progressFile, heard, stallMs, end }: Watched): { end(): void } {
  let [seen, since] = ['', performance.now()]
  const look = async (): Promise<void> => {
    const size = await stat(progressFile).then(
      file => file.size,
      () => 0,
    )
    const now = `${size} ${heard.bytes}`
    if (now !== seen) [seen, since] = [now, performance.now()]
    else if (performance.now() - since >= stallMs) end()
  }
  const timer = setInterval(() => void look(), LOOK_MS)
  return { end: () => clearInterval(timer) }
}

/** Takes down what a process says on both its outputs. */
function listen({ stdout, stderr }: Served, heard: Heard): void {
  const take = (piece: Buffer) => {
    if (heard.bytes < MAX_WORDS) heard.pieces.push(piece)
    heard.bytes += piece.length
  }
  stdout.on('data', take)
  stderr.on('data', take)
}
