import { type ChoiceOf, choicesOf, type RawInputs } from './inputs.ts'

/** What a step can be asked to do. */
export type Operation = ChoiceOf<'operation'>

/** The operations that compare both sides, and are told by a report. */
export type Run = Extract<Operation, 'mirror' | 'verify'>

/** The same for what says nothing else: it counts as `mirror`. */
export const runIn = (raw: RawInputs): Run => (operationOf(raw) === 'verify' ? 'verify' : 'mirror')

/** The operation that the inputs ask for. A word that is none counts as `mirror`, where parseSettings tells it together with all other problems. */
export const operationOf = (raw: RawInputs): Operation => choicesOf('operation').find(word => word === raw.operation?.trim()) ?? 'mirror'
