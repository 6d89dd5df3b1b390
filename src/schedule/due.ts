import type { State } from './state.ts'

/**
 * When the next run may begin: milliseconds since 1970; null = now. Counted from the start of the last run, as GitLab does, so that long runs do not shift
 * it. A start in the future, which a wrong clock wrote, is ignored.
 */
export function dueAt(state: State | null, interval: number, now: number): number | null {
  if (state === null || state.lastStart > now) return null
  const due = state.lastStart + interval
  return due > now ? due : null
}

/** Whether a mirror is paused after so many failures in a row. @param pauseAfter null = never */
export const isPaused = (state: State | null, pauseAfter: number | null): boolean =>
  pauseAfter !== null && (state?.consecutiveFailures ?? 0) >= pauseAfter
