import { appendFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { Failure } from '../errors/failure.ts'
import { silence } from '../errors/network-codes.ts'
import { GIT_STDOUT_BYTES, IDLE_MS } from '../limits/limits.ts'
import { NO_PACK_VARIABLE, parseSshSession, SSH_SESSION_VARIABLE, type SshSession, serializeFailure } from '../session/ssh-session.ts'
import { watchIdle } from '../tasks/idle-watch.ts'
import { awaitedLater } from '../tasks/later.ts'
import { failureOfText } from '../wire/pkt-line.ts'
import { allowedCommand } from './allowed-command.ts'
import { connectSsh, type SshCommand, type SshConnection } from './client.ts'
import { parseSshCommandLine, type SshCommandLine } from './command-line.ts'
import { sshTarget } from './target.ts'

/** The environment of the program. */
export interface SshProgram {
  readonly argv: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
}

/** As for OpenSSH: the command's own exit code, or this when there was none. */
const NO_EXIT_CODE = 255
const SIGNAL_BASE = 128

/** Does for git what `ssh` would: runs one command on the session's server. A failure goes to the session's failure file and to stderr. @returns the exit code */
export async function runSshProgram({ argv, env, stdin, stdout, stderr }: SshProgram): Promise<number> {
  let session: SshSession | null = null
  let connection: SshConnection | null = null
  try {
    session = await loadSession(env)
    // An earlier process may have left its file.
    await rm(session.failureFile, { force: true })
    const request = parseSshCommandLine(argv)
    connection = await open(session, request)
    const command = await connection.exec(allowedCommand(request.command), pick(env, request.sendEnv))
    const makesPack = !request.command.startsWith('git-upload-pack ') && !env[NO_PACK_VARIABLE]
    return await relay(command, { stdin, stdout, stderr, makesPack, asksFor: request.command })
  } catch (error) {
    // The reader of our output is gone, so there is no place for a message.
    if (isBrokenPipe(error)) return SIGNAL_BASE + constants.signals.SIGPIPE
    const failure = Failure.from(error)
    if (session !== null) await writeFile(session.failureFile, serializeFailure(failure), { mode: 0o600 })
    stderr.write(`repository-mirroring: ${failure.message}\nrepository-mirroring: ${failure.hint}\n`)
    return NO_EXIT_CODE
  } finally {
    connection?.end()
    // git may keep its end of the pipe open, which would keep this process alive.
    stdin.destroy()
  }
}

async function loadSession(env: SshProgram['env']): Promise<SshSession> {
  const file = env[SSH_SESSION_VARIABLE]
  if (!file) throw new Failure('internal', `this program is for git to start: "${SSH_SESSION_VARIABLE}" is not set`)
  return parseSshSession(await readFile(file, 'utf8'))
}

async function open(session: SshSession, request: SshCommandLine): Promise<SshConnection> {
  const [asked, own] = [request, session].map(({ host, port }) => `${host.toLowerCase()}:${port ?? 22}`)
  if (asked !== own) throw new Failure('internal', `git asked for "${asked}", but the session is for "${own}"`)
  if (request.command === '') throw new Failure('internal', 'git asked for a shell instead of a command')
  const { notesFile } = session
  // Not to stderr, from which git would hand it on as output of the server.
  const debug = notesFile !== null && { debug: (line: string) => appendFileSync(notesFile, `${line}\n`, { mode: 0o600 }) }
  return connectSsh({ ...sshTarget(session), family: request.family, ...debug })
}

const pick = (env: SshProgram['env'], names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])))

interface Streams extends Pick<SshProgram, 'stdin' | 'stdout' | 'stderr'> {
  /** git sends a pack. All else it sends at once. */
  readonly makesPack: boolean
  /** The command. */
  readonly asksFor: string
}

/** Streams in both directions until the command has ended and all its output is written. @throws Failure `timed-out` for a silent server */
async function relay(command: SshCommand, { stdin, stdout, stderr, makesPack, asksFor }: Streams): Promise<number> {
  const { stream } = command
  let [asked, answered] = [0, 0]
  const watched = new Promise<never>((_, reject) => {
    // Git may take hours to make a pack. The server owes the first byte, and the rest once it has all of git's or takes no more of it.
    const isTurnOfGit = () => stdout.writableNeedDrain || (answered > 0 && makesPack && !stdin.readableEnded && !stream.writableNeedDrain)
    const late = () => reject(silence(answered > 0, IDLE_MS))
    const watch = watchIdle(IDLE_MS, () => (isTurnOfGit() ? Number.NaN : asked + answered), late)
    void awaitedLater(watch.wait(command.exit))
    stdin.on('data', (piece: Buffer) => (asked += piece.length))
    // git's first question to each side.
    const speaksPackets = asksFor.startsWith('git-upload-pack ')
    stream.on('data', (piece: Buffer) => {
      const text = answered === 0 && speaksPackets && piece.length >= 4 ? failureOfText(piece) : null
      if (text !== null) reject(text)
      answered += piece.length
      // git asks nothing before it has all refs in its memory.
      if (asked === 0 && answered > GIT_STDOUT_BYTES) reject(new Failure('answer-too-large', 'the list of refs does not end'))
    })
  })
  stdin.pipe(stream)
  const outputs = Promise.all([handOn(stream, stdout), handOn(command.stderr, stderr)])
  // The command would go on if git reads no more.
  const [exit] = await Promise.race([Promise.all([command.exit, outputs]), watched]).finally(command.cut)
  return exit.signal === null ? exit.code : SIGNAL_BASE + (constants.signals[exit.signal as NodeJS.Signals] ?? 0)
}

const handOn = (from: Readable, to: Writable): Promise<void> =>
  new Promise((resolve, reject) => {
    // Standard output tells each write that fails.
    to.on('error', reject)
    from.once('end', () => to.write('', () => resolve()))
    from.pipe(to, { end: false })
  })

const isBrokenPipe = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EPIPE'
