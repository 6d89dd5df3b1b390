import type { State } from './state.ts'

/**
 * When the next run may begin, where that is not yet: milliseconds since 1970; null = now. Counted from the start of the last run, as GitLab does, so that
 * long runs do not shift it. A start that lies in the future, by a clock that was wrong, counts for nothing.
 */
export function dueAt(state: State | null, interval: number, now: number): number | null {
  if (state === null || state.lastStart > now) return null
  const due = state.lastStart + interval
  return due > now ? due : null
}

/** After so many failures in a row the mirror is left alone. @param pauseAfter null = never */
export const isPaused = (state: State | null, pauseAfter: number | null): boolean =>
  pauseAfter !== null && (state?.consecutiveFailures ?? 0) >= pauseAfter
