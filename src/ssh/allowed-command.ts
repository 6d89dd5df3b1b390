import { Failure } from '../errors/failure.ts'
import { isPlainPath } from '../remote/lfs-endpoint.ts'
import { shellQuote } from '../text/quote.ts'

/** As git writes it: one word in quotes (quote.c, `sq_quote_buf`). */
const GIT_COMMAND = /^git-(?:upload|receive)-pack '(?:[^'!]|'\\['!]')*'$/

/** git-lfs writes the path as it is (ssh/ssh.go, `GetLFSExeAndArgs`). */
const LFS_COMMAND = /^(git-lfs-(?:authenticate|transfer)) (.+) (upload|download)$/s

/** The home of a user, which the shell of the server has to replace. */
const HOME = /^~[A-Za-z0-9._-]*\//

/**
 * The command that may run on the server for git or git-lfs. A path of git-lfs that a shell would not read as itself is quoted: the text of a repository
 * or of a configuration file may have led to it.
 * @throws Failure `internal` for any other command
 */
export function allowedCommand(command: string): string {
  if (GIT_COMMAND.test(command)) return command
  const [, program, path = '', operation] = LFS_COMMAND.exec(command) ?? []
  if (program === undefined || path.startsWith('-'))
    throw new Failure('internal', 'git asked for a command that is not its own', { detail: command })
  if (isPlainPath(path)) return command
  const [home = ''] = HOME.exec(path) ?? []
  return `${program} ${home}${shellQuote(path.slice(home.length))} ${operation}`
}
