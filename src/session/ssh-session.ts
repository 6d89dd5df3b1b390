import { Failure } from '../errors/failure.ts'
import { fieldsOf, parseJson } from '../text/json.ts'

/** What the program that git starts must know: the one server that it may connect to, who is there, and who we are. */
export interface SshSession {
  /** Lower case, IPv6 without brackets. */
  readonly host: string
  readonly port: number | null
  readonly username: string
  /** As pasted by the user: a private key, or a password; null = with the agent. */
  readonly secret: string | null
  readonly passphrase: string | null
  /** Path of the agent's socket, for where there is no secret; null = none. */
  readonly agentSocket: string | null
  /** As pasted by the user; see parseKnownHostKeys. */
  readonly knownHostKeys: string
  /** Where the program leaves its failure for whoever started git. */
  readonly failureFile: string
  /** Where it writes, line by line, what is for debug logging; null where nobody asked for that. */
  readonly notesFile: string | null
  readonly connectTimeoutMs: number
}

/** The environment variable that holds the path of the session file. */
export const SSH_SESSION_VARIABLE = 'REPOSITORY_MIRRORING_SSH'

/** A session as the text of its file, which holds secrets: 0600. */
export const serializeSshSession = (session: SshSession): string => JSON.stringify(session)

/** @throws Failure `internal` when the text is not one that serializeSshSession made; the text itself is never shown */
export function parseSshSession(text: string): SshSession {
  const value = parseJson(text)
  if (!isSession(value)) throw new Failure('internal', 'the session file of the ssh program is not whole')
  return value
}

/** A failure as the text of the failure file. */
export const serializeFailure = ({ kind, message, detail, hint }: Failure): string => JSON.stringify({ kind, message, detail, hint })

const isString = (value: unknown): boolean => typeof value === 'string'
const isNumber = (value: unknown): boolean => typeof value === 'number'
const isNull = (value: unknown): boolean => value === null

const FIELDS: { readonly [Name in keyof SshSession]: (value: unknown) => boolean } = {
  host: isString,
  port: value => isNumber(value) || isNull(value),
  username: isString,
  secret: value => isString(value) || isNull(value),
  passphrase: value => isString(value) || isNull(value),
  agentSocket: value => isString(value) || isNull(value),
  knownHostKeys: isString,
  failureFile: isString,
  notesFile: value => isString(value) || isNull(value),
  connectTimeoutMs: isNumber,
}

function isSession(value: unknown): value is SshSession {
  const fields = fieldsOf(value)
  return Object.entries(FIELDS).every(([name, isValid]) => isValid(fields[name]))
}
