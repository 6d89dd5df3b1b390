import type { Fault, Kind } from '../errors/kinds.ts'
import type { Action, Outcome, TransferName } from '../plan/outcome.ts'
import type { Oid } from '../refs/ref.ts'
import type { Side } from '../remote/side.ts'
import type { Direction } from '../settings/direction.ts'
import type { Run } from '../settings/operation.ts'
import type { Amount, LfsReport } from './lfs.ts'

export type Status = 'up-to-date' | 'updated' | 'partial' | 'failed' | 'skipped'

/** One way to settle a ref that was kept. */
export interface Resolution {
  /** What it comes to, as the end of "to …". */
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
  /** Why, in words, for this ref. May hold server text: escape before printing. */
  readonly reason: string
  readonly code: Kind | null
  readonly hint: string | null
  /** The side that was, or was to be, changed; null = neither. */
  readonly side: Side | null
  /** The LFS objects that it brings, for which it waited; left out where there are none, or too many refs to look through each by itself. */
  readonly lfs?: Amount
  /** For a ref that was kept and that somebody has to settle; left out where there is nothing to settle. */
  readonly resolve?: readonly Resolution[]
}

/** One side in words: a URL without credentials, and how to link a commit there (null where the forge is not known). */
export interface SideReport {
  readonly url: string
  /** Web address of a commit up to its oid, e.g. `https://github.com/o/r/commit/`. */
  readonly commits: string | null
}

/** A backup at the side that is changed: made before a force or a deletion, or removed after its time. */
export interface BackupReport {
  /** `refs/mirroring/backup/20261125T050138Z/heads/main` */
  readonly ref: string
  /** The ref whose old tip it keeps; null where it was only to be removed. */
  readonly of: string | null
  readonly side: Side
  readonly tip: Oid
  /** `present`: an earlier run made it. `to-store`, `to-remove`: in a dry run. */
  readonly outcome: 'stored' | 'present' | 'refused' | 'to-store' | 'removed' | 'not-removed' | 'to-remove'
  /** For what was not done: why. */
  readonly reason: string | null
}

export interface FailureReport {
  readonly kind: Kind
  readonly fault: Fault
  readonly title: string
  readonly message: string
  readonly hint: string
  readonly docs: string
  readonly side: Side | null
  readonly detail: string | null
}

export type Counts = Readonly<Record<Outcome, number>>

/** What is known of a mirror beyond one run. */
export interface Standing {
  /** Runs in a row whose step failed, this one included. */
  readonly consecutiveFailures: number
  /** ISO 8601, UTC; null = the mirror has no interval. */
  readonly nextDue: string | null
}

/** A whole run, from which summary, annotations, outputs and the terminal's text are made. */
export interface Report {
  /** `verify`: both sides were compared, and nothing was to be changed. */
  readonly operation: Run
  readonly status: Status
  /** Both sides are now equal within the selection. */
  readonly inSync: boolean
  readonly dryRun: boolean
  readonly direction: Direction
  readonly source: SideReport
  readonly destination: SideReport
  /** Which transfer moved the objects; null where nothing had to move. */
  readonly transfer: TransferName | null
  /** Sorted by name. Holds every selected ref of both sides. */
  readonly refs: readonly RefReport[]
  readonly counts: Counts
  readonly backups: readonly BackupReport[]
  /** null where no LFS objects were needed. */
  readonly lfs: LfsReport | null
  /** Remarks about the whole run, e.g. that a pattern matches nothing. */
  readonly notices: readonly string[]
  /** What ended the run; null where it came to its end. */
  readonly failure: FailureReport | null
  /** Why there was nothing to do, though nobody has looked at the two sides; left out where somebody has. May hold a colon, ends without a full stop. */
  readonly skipped?: string
  /** How the mirror stands from run to run; left out where nothing is kept between runs. */
  readonly standing?: Standing
  /** Bytes of the packs received from the source. */
  readonly bytes: number
  /** How often the run was tried; more than 1 only after network or race faults. */
  readonly attempts: number
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly durationMs: number
}
