import type { RawInputs } from './inputs.ts'

/** What a step can be asked to do. */
export const OPERATIONS = ['mirror', 'detect-host-keys', 'show-public-key', 'list-mirrors', 'summarize'] as const
export type Operation = (typeof OPERATIONS)[number]

/** The operation that the inputs ask for. A word that is none counts as `mirror`, where parseSettings tells it together with all other problems. */
export const operationOf = (raw: RawInputs): Operation => OPERATIONS.find(word => word === raw.operation?.trim()) ?? 'mirror'
