import type { InputName } from '../inputs.ts'

/** Where something stands in a file; both count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface ConfiguredValue {
  /** As in an input: lists by line. Of a secret input it is the name of the variable that holds the secret, and never a secret. */
  readonly text: string
  readonly place: Place
  /** From `defaults`. */
  readonly shared: boolean
  /** It was given, and a problem of the file tells why it could not be taken. */
  readonly refused: boolean
}

/** One entry of `mirrors` in a configuration file, with what it takes over from `defaults`. */
export interface ConfiguredMirror {
  readonly name: string
  readonly place: Place
  readonly values: ReadonlyMap<InputName, ConfiguredValue>
}

/** Something wrong at one place of the file; in words that follow the place. */
export interface ConfigProblem {
  readonly place: Place
  readonly text: string
}

/** A configuration file, read. What could be read is there also where something is wrong. */
export interface Config {
  readonly mirrors: readonly ConfiguredMirror[]
  readonly problems: readonly ConfigProblem[]
}

/** What a mirror may be called: it names jobs, lines of a log and arguments of a command. */
export const MIRROR_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** How secrets are named: in capitals, as GitHub shows its own, which few secrets look like. */
export const SECRET_VARIABLE = /^[A-Z_][A-Z0-9_]{0,99}$/
