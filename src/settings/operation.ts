import { type ChoiceOf, choicesOf, type RawInputs } from './inputs.ts'

export type Operation = ChoiceOf<'operation'>

/** The operations that compare both sides and end with a report. */
export type Run = Extract<Operation, 'mirror' | 'verify'>

/** The same, with every operation that does not compare as `mirror`. */
export const runIn = (raw: RawInputs): Run => (operationOf(raw) === 'verify' ? 'verify' : 'mirror')

/** The operation of the inputs. An invalid one counts as `mirror` here; it is reported with all other problems (parse.ts). */
export const operationOf = (raw: RawInputs): Operation => choicesOf('operation').find(word => word === raw.operation?.trim()) ?? 'mirror'
