import type { InputName } from '../inputs.ts'

/** A position in a file; both numbers start at 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface ConfiguredValue {
  /** As in an input: lists by line. For a secret input: the name of the variable that holds the secret, never the secret. */
  readonly text: string
  readonly place: Place
  /** From `defaults`. */
  readonly shared: boolean
  /** A problem of the file says why this value cannot be used. */
  readonly refused: boolean
}

/** One entry of `mirrors` in a configuration file, completed from `defaults`. */
export interface ConfiguredMirror {
  readonly name: string
  readonly place: Place
  readonly values: ReadonlyMap<InputName, ConfiguredValue>
}

/** A configuration file. If it has problems, `mirrors` holds the mirrors that could be read all the same. */
export interface Config {
  readonly mirrors: readonly ConfiguredMirror[]
  readonly problems: readonly { readonly place: Place; readonly text: string }[]
}

/** Names of mirrors are used for jobs, lines of a log and arguments of a command. */
export const MIRROR_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** Secrets are named in capitals, as GitHub shows them, because few secrets look like that. */
export const SECRET_VARIABLE = /^[A-Z_][A-Z0-9_]{0,99}$/
