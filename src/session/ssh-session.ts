import { Failure } from '../errors/failure.ts'
import type { RemoteUrl } from '../remote/url.ts'
import type { Remote, Settings } from '../settings/settings.ts'
import { fieldsOf, parseJson } from '../text/json.ts'

/** The data of the ssh program that git starts: the one server that it may connect to, its host keys, and the login. */
export interface SshSession extends Pick<RemoteUrl, 'host' | 'port'>, Omit<Remote, 'url' | 'scheme'>, Pick<Settings, 'knownHostKeys'> {
  /** The program writes its failure to this file, for the run that started git. */
  readonly failureFile: string
  /** The program writes debug output to this file, line by line; null without debug logging. */
  readonly notesFile: string | null
}

/** The environment variable that holds the path of the session file. */
export const SSH_SESSION_VARIABLE = 'REPOSITORY_MIRRORING_SSH'

/** The environment variable that is not empty for a push without a pack: git sends all of it at once. */
export const NO_PACK_VARIABLE = 'REPOSITORY_MIRRORING_NO_PACK'

/** A session as the text of its file, which holds secrets: 0600. */
export const serializeSshSession = (session: SshSession): string => JSON.stringify(session)

/** Reads the text of a session file. @throws Failure `internal` if it is not complete; the text itself is never shown */
export function parseSshSession(text: string): SshSession {
  const value = parseJson(text)
  if (!isSession(value)) throw new Failure('internal', 'the session file of the ssh program is not whole')
  return value
}

export const serializeFailure = ({ kind, message, detail, hint }: Failure): string => JSON.stringify({ kind, message, detail, hint })

const FIELDS: { readonly [Name in keyof SshSession]: readonly ('string' | 'number' | 'null')[] } = {
  host: ['string'],
  port: ['number', 'null'],
  username: ['string'],
  secret: ['string', 'null'],
  passphrase: ['string', 'null'],
  agentSocket: ['string', 'null'],
  knownHostKeys: ['string'],
  failureFile: ['string'],
  notesFile: ['string', 'null'],
}

function isSession(value: unknown): value is SshSession {
  const fields = fieldsOf(value)
  const typeOf = (field: unknown) => (field === null ? 'null' : typeof field)
  return Object.entries(FIELDS).every(([name, types]) => types.some(type => type === typeOf(fields[name])))
}
