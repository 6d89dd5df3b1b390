import { type ChoiceOf, choicesOf, type RawInputs } from './inputs.ts'
import { isFalse, isTrue } from './values.ts'

export type Operation = ChoiceOf<'operation'>

/** The operations that end with a report. */
export const RUNS = ['mirror', 'verify', 'purge-backups'] as const satisfies readonly Operation[]
export type Run = (typeof RUNS)[number]

/** The same, with every other operation as `mirror`. */
export const runIn = (raw: RawInputs): Run => RUNS.find(run => run === operationOf(raw)) ?? 'mirror'

/** Whether a run changes nothing: backups are lost once they are removed, so a purge lists them unless `dry-run` is `false`. */
export const isDryRun = (raw: RawInputs): boolean =>
  runIn(raw) === 'verify' || isTrue(raw['dry-run']) || (runIn(raw) === 'purge-backups' && !isFalse(raw['dry-run']))

/** The operation of the inputs. An invalid one counts as `mirror` here; it is reported with all other problems (parse.ts). */
export const operationOf = (raw: RawInputs): Operation => choicesOf('operation').find(word => word === raw.operation?.trim()) ?? 'mirror'
