import type { RawInputs } from './inputs.ts'

/** What a step can be asked to do. */
export const OPERATIONS = ['mirror', 'verify', 'detect-host-keys', 'show-public-key', 'list-mirrors', 'summarize'] as const
export type Operation = (typeof OPERATIONS)[number]

/** The operations that compare both sides, and are told by a report. */
export type Run = Extract<Operation, 'mirror' | 'verify'>

export const isRun = (operation: Operation): operation is Run => operation === 'mirror' || operation === 'verify'

/** The same for what says nothing else: it counts as `mirror`. */
export const runIn = (raw: RawInputs): Run => (operationOf(raw) === 'verify' ? 'verify' : 'mirror')

/** The operation that the inputs ask for. A word that is none counts as `mirror`, where parseSettings tells it together with all other problems. */
export const operationOf = (raw: RawInputs): Operation => OPERATIONS.find(word => word === raw.operation?.trim()) ?? 'mirror'
