import type { Failure } from '../errors/failure.ts'
import type { Kind } from '../errors/kinds.ts'
import type { Action, Outcome, TransferName } from '../plan/outcome.ts'
import type { Oid } from '../refs/ref.ts'
import type { Side } from '../remote/side.ts'
import type { Direction } from '../settings/direction.ts'
import type { Run } from '../settings/operation.ts'
import type { Amount, LfsReport } from './lfs.ts'

/** In the order of a headline. */
export const STATUSES = ['failed', 'partial', 'updated', 'skipped', 'up-to-date'] as const
export type Status = (typeof STATUSES)[number]

/** One way to settle a ref that was kept. */
export interface Resolution {
  /** The purpose, as the end of "to …". */
  readonly what: string
  /** For a POSIX shell. */
  readonly command: string
}

/** One ref of the report, as in the output `refs`. */
export interface RefReport {
  readonly ref: string
  readonly action: Action
  readonly outcome: Outcome
  readonly before: Oid | null
  readonly after: Oid | null
  /** Why this ref has this outcome. May hold server text: escape before printing. */
  readonly reason: string
  readonly code: Kind | null
  readonly hint: string | null
  /** The side that was, or was to be, changed; null = neither. */
  readonly side: Side | null
  /** The LFS objects that it brings, for which it waited; missing if there are none, or if there are too many refs to count per ref. */
  readonly lfs?: Amount | undefined
  /** The ways to settle a ref that was kept; missing if there is nothing to settle. */
  readonly resolve?: readonly Resolution[] | undefined
}

/** One side: its URL without credentials, and how to link a commit there (null if the forge is unknown). */
export interface SideReport {
  readonly url: string
  /** Web address of a commit up to its oid, e.g. `https://github.com/o/r/commit/`. */
  readonly commits: string | null
}

/** A backup at the side that is changed: made before a force or a deletion, or removed after its time. */
export interface BackupReport {
  /** `refs/mirroring/backup/20261125T050138Z/heads/main` */
  readonly ref: string
  /** The ref whose old tip it keeps; null for a backup that is only to be removed. */
  readonly of: string | null
  readonly side: Side
  readonly tip: Oid
  /** `present`: an earlier run made it. `to-store`, `to-remove`: in a dry run. */
  readonly outcome: 'stored' | 'present' | 'refused' | 'to-store' | 'removed' | 'not-removed' | 'to-remove'
  /** Why it was not stored or removed; otherwise null. */
  readonly reason: string | null
}

export interface FailureReport extends Pick<Failure, 'kind' | 'fault' | 'message' | 'problems' | 'hint' | 'side' | 'detail'> {
  readonly title: string
  readonly docs: string
}

export type Counts = Readonly<Record<Outcome, number>>

/** The state of a mirror between runs. */
export interface Standing {
  /** Runs in a row whose step failed, this one included. */
  readonly consecutiveFailures: number
  /** ISO 8601, UTC; null = the mirror has no interval. */
  readonly nextDue: string | null
}

/** A whole run: the source of the summary, annotations, outputs and terminal text. */
export interface Report {
  /** `verify` compares both sides and changes nothing. `purge-backups` removes backups, which are then its refs. */
  readonly operation: Run
  readonly status: Status
  /** Both sides are now equal within the selection. Never true for a purge, which compares nothing. */
  readonly inSync: boolean
  readonly dryRun: boolean
  readonly direction: Direction
  readonly source: SideReport
  readonly destination: SideReport
  /** The transfer that moved the objects; null if no object had to move. */
  readonly transfer: TransferName | null
  /** Sorted by name. Holds every selected ref of both sides. */
  readonly refs: readonly RefReport[]
  readonly counts: Counts
  readonly backups: readonly BackupReport[]
  /** null if no LFS objects were needed. */
  readonly lfs: LfsReport | null
  /** Remarks on the whole run, e.g. that a pattern matches nothing. */
  readonly notices: readonly string[]
  /** The error that ended the run; null if it completed. */
  readonly failure: FailureReport | null
  /** Why the run ended before it compared both sides; missing if it compared them. May hold a colon, ends without a full stop. */
  readonly skipped?: string | undefined
  /** Missing if no state is kept between runs. */
  readonly standing?: Standing | undefined
  /** Bytes of the packs received from the source. */
  readonly bytes: number
  /** The number of attempts; more than 1 only after network or race faults. */
  readonly attempts: number
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly durationMs: number
}
