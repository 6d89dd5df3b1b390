import { IDLE_BYTES } from '../limits/limits.ts'

export interface IdleWatch {
  /** Waits for the other side. */
  wait<T>(work: Promise<T>): Promise<T>
  /** Waits for our own side; meanwhile the other side may be silent. */
  hold<T>(work: Promise<T>): Promise<T>
}

/**
 * Notices when hardly a byte moves for too long, while something waits for the other side and nothing holds the watch.
 * @param bytes how many have passed so far, as far as they count; NaN: no matter how many
 * @param expire called once
 */
export function watchIdle(limitMs: number, bytes: () => number, expire: () => void): IdleWatch {
  const counts = { waits: 0, holds: 0 }
  let timer: NodeJS.Timeout | null = null
  const arm = () => {
    const seen = bytes()
    timer = setTimeout(() => (bytes() - seen < IDLE_BYTES ? expire() : arm()), limitMs)
  }
  const set = () => {
    if (counts.waits > 0 && counts.holds === 0) {
      if (timer === null) arm()
    } else if (timer !== null) {
      clearTimeout(timer)
      timer = null
    }
  }
  const during = async <T>(work: Promise<T>, what: 'waits' | 'holds'): Promise<T> => {
    counts[what] += 1
    set()
    try {
      return await work
    } finally {
      counts[what] -= 1
      set()
    }
  }
  return { wait: work => during(work, 'waits'), hold: work => during(work, 'holds') }
}
