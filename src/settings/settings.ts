import type { WebLogin } from '../credentials/authorization.ts'
import type { Prune } from '../plan/plan.ts'
import type { Reserved } from '../plan/reserved.ts'
import type { MaxDeletions } from '../plan/safeguards.ts'
import type { Selection } from '../refs/select.ts'
import type { PerSide, Side } from '../remote/side.ts'
import type { RemoteUrl } from '../remote/url.ts'
import type { SettingsContext } from './context.ts'
import type { Direction } from './direction.ts'
import { type ChoiceOf, choicesOf } from './inputs.ts'
import type { Run } from './operation.ts'
import type { Schedule } from './schedule.ts'
import type { WorkflowRun } from './workflow-run.ts'

/** One side: its URL and its login: over SSH with `username` too, and with a secret that is a private key or a password. */
export interface Remote extends WebLogin {
  readonly url: RemoteUrl
  readonly passphrase: string | null
  /** Path of the socket of the SSH agent, which is used if there is no secret. */
  readonly agentSocket: string | null
}

/** The LFS server of one side, if it is not the one that follows from the URL of the side. */
export interface LfsServer extends WebLogin {
  /** The whole endpoint; nothing is added to it. */
  readonly url: RemoteUrl
}

export type FailOn = ChoiceOf<'fail-on'>
export const FAIL_ON = choicesOf('fail-on')

/** The settings of one mirror: read once, checked, and never changed. Defaults: inputs.ts. */
export interface Settings extends Pick<SettingsContext, 'serverUrl' | 'apiUrl'>, Pick<WorkflowRun, 'secretsPage'> {
  readonly operation: Run
  readonly direction: Direction
  /** The repository of the run: the source of a push, the destination of a pull. */
  readonly here: Remote
  /** The repository at `remote-url`: the destination of a push, the source of a pull. */
  readonly there: Remote
  /** As given; checked by host-keys/known-hosts.ts. */
  readonly knownHostKeys: string
  /** The patterns of `branches` and `tags`; run/selection.ts adds the other conditions. */
  readonly selection: Selection
  readonly branchRegex: string | null
  /** Whether tags are left out whose commit no selected branch contains. */
  readonly tagScope: ChoiceOf<'tag-scope'>
  readonly protectedOnly: boolean
  /** Names and wildcards; empty = the forge is asked. */
  readonly protectedBranches: readonly string[]
  readonly keepDivergent: boolean
  readonly prune: Prune
  readonly maxDeletions: MaxDeletions
  readonly backup: boolean
  /** 0 = backups are never removed. */
  readonly backupDays: number
  readonly allowUnrelated: boolean
  readonly atomic: boolean
  readonly defaultBranch: ChoiceOf<'default-branch'>
  /** Refs in one push; null = as many as the server takes. */
  readonly refsPerPush: number | null
  readonly pushOptions: readonly string[]
  readonly transfer: ChoiceOf<'transfer'>
  readonly lfs: ChoiceOf<'lfs'>
  /** null = the server that follows from the URL of that side. */
  readonly lfsUrl: PerSide<LfsServer | null>
  /** Whether refs are mirrored without LFS objects that the source has lost. */
  readonly lfsMissing: ChoiceOf<'lfs-missing'>
  /** In bytes. */
  readonly lfsBatchSize: number
  /** A dry run or a verification: nothing is changed (operation.ts). */
  readonly dryRun: boolean
  readonly retries: number
  readonly timeoutMinutes: number
  readonly failOn: ReadonlySet<FailOn>
  readonly schedule: Schedule
  /** PEM, in addition to node's list of authorities; null = only the system's authorities. */
  readonly caCertificate: string | null
  /** PEM. */
  readonly clientCertificate: string | null
  /** PEM; null if `clientCertificate` contains the key. */
  readonly clientKey: string | null
  /** The ref that holds the running workflow, if it is in the repository `here`. */
  readonly reserved: Reserved | null
  readonly warnings: readonly string[]
}

/** Push options go only to the server of `there` if both sides change, because the other server may refuse options that it does not know. */
export const pushOptionsFor = (side: Side, { direction, pushOptions }: Pick<Settings, 'direction' | 'pushOptions'>): readonly string[] =>
  direction === 'bidirectional' && side === 'here' ? [] : pushOptions

/** The start of a run, for a line of the log. The URLs contain no secrets. */
export function describeWay({ operation, direction, here, there }: Pick<Settings, 'operation' | 'direction' | 'here' | 'there'>): string {
  if (operation === 'verify') return `comparing ${here.url} with ${there.url}`
  const changed = direction === 'bidirectional' ? `${here.url} and ${there.url}` : direction === 'pull' ? here.url : there.url
  if (operation === 'purge-backups') return `looking for backups at ${changed}`
  if (direction === 'bidirectional') return `mirroring ${here.url} and ${there.url} in both directions`
  return direction === 'pull' ? `mirroring ${there.url} to ${here.url}` : `mirroring ${here.url} to ${there.url}`
}
