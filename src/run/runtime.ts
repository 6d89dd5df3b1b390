import type { Runtime } from '../host/runtime.ts'
import { abortAfter, pauseUntil } from './time-limit.ts'

/** What this process lends to a run: its environment, its clock, and the command that starts it anew. */
export const runtimeOf = (env: NodeJS.ProcessEnv, program: readonly string[]): Runtime => ({
  env,
  program,
  now: () => new Date(),
  random: Math.random,
  pause: pauseUntil,
  alarm: abortAfter,
})
