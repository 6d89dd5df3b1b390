import type { Prune } from '../plan/plan.ts'
import type { Reserved } from '../plan/reserved.ts'
import type { MaxDeletions } from '../plan/safeguards.ts'
import type { Selection } from '../refs/select.ts'
import type { RemoteUrl } from '../remote/url.ts'
import type { Direction } from './direction.ts'
import { type ChoiceOf, choicesOf } from './inputs.ts'
import type { Run } from './operation.ts'
import type { Schedule } from './schedule.ts'

/** One side: where it is and how we show who we are. */
export interface Remote {
  readonly url: RemoteUrl
  /** For ssh the login, for https the user of HTTP Basic. */
  readonly username: string
  /** SSH private key, password or token; null = none. */
  readonly secret: string | null
  readonly passphrase: string | null
  /** ssh: path of the socket of the agent that logs in where there is no secret; null = none. */
  readonly agentSocket: string | null
}

export type TransferChoice = ChoiceOf<'transfer'>
export type LfsChoice = ChoiceOf<'lfs'>

/** Where the LFS files of one side are, if not where its URL says, and how we show who we are. */
export interface LfsServer {
  /** The endpoint as it is, without anything to be added. */
  readonly url: RemoteUrl
  readonly username: string
  /** null = nobody. */
  readonly secret: string | null
}

export type FailOn = ChoiceOf<'fail-on'>
export const FAIL_ON = choicesOf('fail-on')

/** Everything that a run is told, read once, checked, and then never changed. Defaults: inputs.ts. */
export interface Settings {
  /** `verify`: compare, and change nothing. */
  readonly operation: Run
  /** `push`: from here to there; `pull`: from there to here. */
  readonly direction: Direction
  /** The repository of the run: the source of a push, the destination of a pull. */
  readonly here: Remote
  /** The one at `remote-url`: the destination of a push, the source of a pull. */
  readonly there: Remote
  /** As given; checked by host-keys/known-hosts.ts. */
  readonly knownHostKeys: string
  /** The patterns; what has to be found out first narrows it further (run/selection.ts). */
  readonly selection: Selection
  /** In RE2's syntax; null = none. */
  readonly branchRegex: string | null
  readonly protectedOnly: boolean
  /** Names and wildcards that count instead of what the forge says; empty = ask it. */
  readonly protectedBranches: readonly string[]
  readonly keepDivergent: boolean
  readonly prune: Prune
  readonly maxDeletions: MaxDeletions
  /** Store what a force or an unmerged deletion would lose. */
  readonly backup: boolean
  /** 0 = backups are never removed. */
  readonly backupDays: number
  readonly allowUnrelated: boolean
  readonly atomic: boolean
  readonly pushOptions: readonly string[]
  readonly transfer: TransferChoice
  /** Whether LFS files are moved; `auto`: where they are in use. */
  readonly lfs: LfsChoice
  /** null = what follows from the URL of that side. */
  readonly lfsUrl: { readonly here: LfsServer | null; readonly there: LfsServer | null }
  /** Bytes of LFS files that are on our disk at a time, unless one file alone is larger. */
  readonly lfsBatchSize: number
  /** Nothing is to be changed: a dry run, or a verification. */
  readonly dryRun: boolean
  readonly retries: number
  /** Of the run, all attempts together. */
  readonly timeoutMinutes: number
  readonly failOn: ReadonlySet<FailOn>
  readonly schedule: Schedule
  /** PEM, in addition to Mozilla's list as node brings it; null = the system's authorities alone. */
  readonly caCertificate: string | null
  /** PEM: who we are to an https server that asks for a certificate; null = nobody. */
  readonly clientCertificate: string | null
  /** PEM, of the certificate; null where that holds its key, too. */
  readonly clientKey: string | null
  /** The ref that holds the running workflow, where that is in the repository `here`; null = none. */
  readonly reserved: Reserved | null
  /** Web address of the server of the run, e.g. https://github.com; null on a command line. */
  readonly serverUrl: string | null
  /** Address of the API of the run's forge, as its runner names it; null = none is named. */
  readonly apiUrl: string | null
  /** Where the secrets of the run's repository are kept; null where that is not known. */
  readonly secretsPage: string | null
  /** Remarks about the settings that do not stop the run. */
  readonly warnings: readonly string[]
}
