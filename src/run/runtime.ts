import type { Runtime } from '../host/runtime.ts'
import { alarmFor, pauseUntil } from './time-limit.ts'

/**
 * What this process lends to a run: its environment, its clock, and the command that starts it anew.
 * @param interrupted aborts when the process has to end
 */
export const runtimeOf = (env: NodeJS.ProcessEnv, program: readonly string[], interrupted: AbortSignal): Runtime => ({
  env,
  program,
  now: () => new Date(),
  random: Math.random,
  pause: pauseUntil,
  alarm: alarmFor(interrupted),
})
