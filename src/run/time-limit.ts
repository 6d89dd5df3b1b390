import { Failure } from '../errors/failure.ts'

/** Why a run ends at its time limit. Pure. */
export const overdue = (minutes: number): Failure =>
  new Failure('timed-out', `the run was not done after ${minutes === 1 ? 'a minute' : `${minutes} minutes`}`, {
    hint: 'look at what it was waiting for; where it only has much to do, raise `timeout-minutes`',
  })
