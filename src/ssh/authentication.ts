import type { AnyAuthMethod, AuthHandlerMiddleware, KeyboardInteractiveAuthMethod } from 'ssh2'
import { Failure } from '../errors/failure.ts'
import { QUOTED_CHARACTERS } from '../limits/limits.ts'
import { type AgentKey, nameOfKey } from './agent.ts'
import { type PrivateKey, signingWithSha512 } from './key-pair.ts'

/** The one way to log in. Nothing else is offered to the server. */
export type SshLogin =
  | { readonly by: 'key'; readonly key: PrivateKey }
  /** By the method `password` (RFC 4252 §8), or as the answer to a question for one (RFC 4256). */
  | { readonly by: 'password'; readonly password: string }
  /** With any key of the agent that listens on this socket. */
  | { readonly by: 'agent'; readonly socket: string }

/** A login that is ready to use: the keys of the agent are listed. */
export type PreparedLogin = Exclude<SshLogin, { by: 'agent' }> | { readonly by: 'agent'; readonly keys: readonly AgentKey[] }

export interface AuthenticationOptions {
  readonly login: PreparedLogin
  readonly username: string
  /** `user@host`, with the port where it is not 22. */
  readonly destination: string
  /** Ends the connection, for this reason. */
  readonly giveUp: (reason: Failure) => void
}

/** The server's answers to the attempts so far. */
interface Course {
  /** Names of the keys that were offered, or the password's way. */
  readonly offered: string[]
  /** The methods that the server accepts next. */
  methods: readonly string[]
  /** The last attempt was accepted, but is not enough (RFC 4252 §5.1). */
  partial: boolean
}

/** The login of one connection, with what is configured and nothing else, and its result. */
export function authentication(options: AuthenticationOptions) {
  const { login } = options
  const course: Course = { offered: [], methods: [], partial: false }
  const next = nextOf(options)
  return {
    /** Called by ssh2 for the next attempt. Each is made once. */
    handler: ((methods, partial, answer) => {
      course.methods = methods ?? []
      course.partial = partial
      // After a correct step the same method is not tried again.
      const method = partial ? null : next(course)
      // ssh2 takes false for "no more", which its types do not have.
      if (method === null) (answer as unknown as (none: false) => void)(false)
      else answer(method)
    }) satisfies AuthHandlerMiddleware,
    /** The failure of the login; null while nothing was offered to the server. @param detail text to append */
    refusal: (detail: string): Failure | null => {
      const goesOn = course.methods.length === 0 ? '' : `the server accepts only: ${course.methods.join(', ')}`
      const said = [goesOn, detail].filter(line => line !== '').join('\n')
      if (course.offered.length === 0 && course.methods.length === 0) return null
      if (login.by === 'password') return passwordRefusal(course, options.destination, said)
      return new Failure('ssh-key-refused', `"${options.destination}" ${keysOf(course, login)}`, { detail: said })
    },
  }
}

/** Chooses the next attempt from the course so far; null = none is left. */
type Next = (course: Course) => AnyAuthMethod | null

function nextOf(options: AuthenticationOptions): Next {
  const { login, username } = options
  if (login.by === 'key') return offerKey(login.key, options)
  return askFirst(username, login.by === 'agent' ? offerKeys(login.keys, options) : offerPassword(login.password, options))
}

/**
 * Offers the key at once: to ask for the methods first would cost a round trip. An RSA key is offered with both SHA-2 signatures (RFC 8332): a server may
 * announce both and accept one (OpenSSH until 9.x). By itself, ssh2 tries only the one with SHA-256.
 */
const offerKey = (key: PrivateKey, { username }: AuthenticationOptions): Next => {
  const ways = key.type === 'ssh-rsa' ? [key, signingWithSha512(key)] : [key]
  return ({ offered, methods }) => {
    const way = ways[offered.length]
    if (way === undefined || (offered.length > 0 && !methods.includes('publickey'))) return null
    offered.push(nameOfKey(key))
    return { type: 'publickey', username, key: way }
  }
}

/**
 * Asks first which methods the server accepts ("none", RFC 4252 §5.2), so that a password is sent only to a server that takes passwords. With an agent this is
 * the only answer of the server that ssh2 hands on.
 */
function askFirst(username: string, next: Next): Next {
  let asked = false
  return course => {
    if (asked) return next(course)
    asked = true
    return { type: 'none', username }
  }
}

/** One key of the agent after the other. */
const offerKeys =
  (keys: readonly AgentKey[], { username }: AuthenticationOptions): Next =>
  ({ offered, methods }) => {
    const key = keys[offered.length]
    if (key === undefined || !methods.includes('publickey')) return null
    offered.push(key.name)
    return { type: 'agent', username, agent: key.agent }
  }

/** Offers the password once, even where the server has both methods: both check the same one, and a second failure may lock the account. */
const offerPassword =
  (password: string, options: AuthenticationOptions): Next =>
  ({ offered, methods }) => {
    const { username } = options
    const type = (['password', 'keyboard-interactive'] as const).find(one => methods.includes(one))
    if (offered.length > 0 || type === undefined) return null
    offered.push(type)
    return type === 'password' ? { type, username, password } : { type, username, prompt: answerOnce(password, options) }
  }

/** Answers one hidden question with the password. Any other question ends the login, and is reported. */
function answerOnce(password: string, { destination, giveUp }: AuthenticationOptions): KeyboardInteractiveAuthMethod['prompt'] {
  let answered = false
  return (_name, _instructions, _language, prompts, finish) => {
    const [prompt, ...more] = prompts
    if (!answered && prompt !== undefined && prompt.echo !== true && more.length === 0) {
      answered = true
      finish([password])
      return
    }
    const asked = prompts.map(one => JSON.stringify(one.prompt.trim().slice(0, QUOTED_CHARACTERS))).join(', ')
    const message = `"${destination}" asks for ${answered ? 'more than' : 'something other than'} a password: ${asked}`
    giveUp(new Failure('ssh-password-refused', message, { hint: 'use an SSH key, or an account that logs in with a password alone' }))
  }
}

/** The failure for an expired password (RFC 4252 §8, SSH_MSG_USERAUTH_PASSWD_CHANGEREQ), which a mirror cannot change. */
export const passwordExpired = (destination: string, prompt: string): Failure =>
  new Failure('ssh-password-refused', `"${destination}" asks for a new password`, {
    detail: prompt.trim(),
    hint: 'log in by hand once to change the password, then put the new one in `auth-secret`',
  })

function passwordRefusal({ offered, methods, partial }: Course, destination: string, detail: string): Failure {
  const why = partial
    ? `took the password, but asks for more: ${methods.join(', ')}`
    : offered.length > 0
      ? 'refused the password'
      : `takes no password, only: ${methods.join(', ')}`
  const hint = offered.length === 0 && methods.includes('publickey') ? 'put an SSH private key in `auth-secret`' : undefined
  return new Failure('ssh-password-refused', `"${destination}" ${why}`, { detail, hint })
}

/** The result for the key, or for those of the agent: the end of a sentence that begins with the destination. */
function keysOf({ offered, methods, partial }: Course, login: PreparedLogin): string {
  if (offered.length === 0) return `takes no key, only: ${methods.join(', ')}`
  if (partial) return `took the key ${offered.at(-1)}, but asks for more: ${methods.join(', ')}`
  if (login.by !== 'agent') return `refused the key ${offered[0]}`
  const all = login.keys.length
  const count = offered.length < all ? `${offered.length} of the ${all} keys` : all === 1 ? 'the one key' : `all ${all} keys`
  return `refused ${count} of the SSH agent: ${offered.join(', ')}`
}
