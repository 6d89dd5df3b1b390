import type { Host } from './host.ts'

/** How often is looked; the place decides how much of it is shown. */
const TICK_MS = 250

/**
 * Shows how far something long is that tells nothing of it by itself.
 * @param measure how far it is, for people; what it throws is nobody's business
 */
export async function whileShowing<T>(progress: Host['progress'], measure: () => Promise<string>, work: () => Promise<T>): Promise<T> {
  let isOver = false
  let isMeasuring = false
  const look = async (): Promise<void> => {
    if (isMeasuring) return
    isMeasuring = true
    const text = await measure().catch(() => null)
    isMeasuring = false
    if (text !== null && !isOver) progress(() => text)
  }
  const timer = setInterval(() => void look(), TICK_MS)
  try {
    return await work()
  } finally {
    isOver = true
    clearInterval(timer)
    progress(null)
  }
}
