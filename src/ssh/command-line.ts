import { Failure } from '../errors/failure.ts'

/** The command line with which git or git-lfs starts its ssh program. */
export interface SshCommandLine {
  readonly family: 4 | 6 | null
  readonly username: string | null
  /** Without brackets. */
  readonly host: string
  readonly port: number | null
  /** Names of environment variables to pass on. */
  readonly sendEnv: readonly string[]
  /** Empty: a shell is asked for, which is never given. */
  readonly command: string
}

const WITH_VALUE = ['o', 'p', 'l']

/** Only about sharing one connection among processes; without it each opens its own. */
const IGNORED_SETTINGS = ['controlmaster', 'controlpath', 'controlpersist']

/**
 * Reads the arguments that git passes with GIT_SSH_VARIANT=ssh (git-config(1), ssh.variant), and git-lfs in the same manner:
 * `[-4|-6] [-T] [-o SendEnv=NAME] [-p port] [-l user] [--] [user@]host command…`, values apart or attached.
 * @throws Failure `internal` for anything else, as only git and git-lfs start this program
 */
export function parseSshCommandLine(argv: readonly string[]): SshCommandLine {
  const { options, rest } = split(argv)
  let family: 4 | 6 | null = null
  let username: string | null = null
  let port: number | null = null
  const sendEnv: string[] = []
  for (const [letter, value] of options) {
    if (letter === '4' || letter === '6') family = letter === '4' ? 4 : 6
    else if (letter === 'l') username = value
    else if (letter === 'p') port = parsePort(value)
    else if (letter === 'o') sendEnv.push(...parseSetting(value))
    else if (letter !== 'T') throw unusable(`unknown option "-${letter}"`)
  }
  const [destination = '', ...command] = rest
  const at = destination.lastIndexOf('@')
  const host = destination.slice(at + 1).replace(/^\[(.*)\]$/, '$1')
  if (host === '') throw unusable('no host')
  return { family, username: at > 0 ? destination.slice(0, at) : username, host, port, sendEnv, command: command.join(' ') }
}

const unusable = (what: string): Failure => new Failure('internal', `${what} in the arguments of the ssh program`)

/** Options in front as letter and value; options end with `--` or the first word that is none. */
function split(argv: readonly string[]): { options: [letter: string, value: string][]; rest: readonly string[] } {
  const options: [string, string][] = []
  let index = 0
  for (; index < argv.length; index++) {
    const word = argv[index] ?? ''
    if (word === '--') return { options, rest: argv.slice(index + 1) }
    if (!word.startsWith('-')) break
    const letter = word.slice(1, 2)
    if (!WITH_VALUE.includes(letter)) {
      for (const one of word.slice(1) || '-') options.push([one, ''])
      continue
    }
    const value = word.length > 2 ? word.slice(2) : argv[++index]
    if (value === undefined) throw unusable(`no value after "${word}"`)
    options.push([letter, value])
  }
  return { options, rest: argv.slice(index) }
}

function parsePort(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0
  if (port < 1 || port > 65_535) throw unusable(`port "${value}"`)
  return port
}

/** The variables named by `SendEnv=A B` (or with a blank for `=`); nothing for a setting that does not matter here. */
function parseSetting(setting: string): string[] {
  const [, name = '', value = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*)$/.exec(setting) ?? []
  if (name.toLowerCase() === 'sendenv') return value.split(/\s+/)
  if (IGNORED_SETTINGS.includes(name.toLowerCase())) return []
  throw unusable(`unknown setting "-o ${setting}"`)
}
