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

/** Inputs that say what a step does with the whole file, and so cannot stand in it. */
export const STEP_ALONE: ReadonlySet<string> = new Set<InputName>(['operation', 'config', 'config-mirror', 'reports'])

/** Of one pair of repositories, and so of one mirror: a step's would be sent to every host that the file names. */
export const OF_ONE_MIRROR: ReadonlySet<string> = new Set<InputName>([
  'remote-url',
  'auth-secret',
  'ssh-key-passphrase',
  'username',
  'client-certificate',
  'client-key',
  'lfs-url',
  'remote-lfs-url',
])

/** Inputs that may be written as a YAML list. */
export const LIST_INPUTS: ReadonlySet<string> = new Set<InputName>([
  'branches',
  'tags',
  'protected-branches',
  'known-host-keys',
  'push-options',
  'fail-on',
  'failure-issue-labels',
  'failure-issue-assignees',
])

/** What a mirror may be called: it names jobs, lines of a log and arguments of a command. */
export const MIRROR_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** How secrets are named: in capitals, as GitHub shows its own, which few secrets look like. */
export const SECRET_VARIABLE = /^[A-Z_][A-Z0-9_]{0,99}$/

/** The two ways to say which repository a mirror belongs to: one replaces the other. */
export const HERE_INPUTS: readonly InputName[] = ['repository', 'repository-url']
