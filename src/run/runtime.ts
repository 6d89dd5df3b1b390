import type { MirrorSurroundings } from './mirror.ts'
import { abortAfter, pauseUntil } from './time-limit.ts'

/** What this process lends to a run: its environment, its clock, and the command that starts it anew. */
export const runtimeOf = (environment: NodeJS.ProcessEnv, program: readonly string[]): MirrorSurroundings => ({
  environment,
  program,
  now: () => new Date(),
  random: Math.random,
  pause: pauseUntil,
  alarm: abortAfter,
})
