import type { Host } from './host.ts'

/** How often progress is measured; the host shows it less often. */
const TICK_MS = 250

/** Reports the progress of an operation that reports none. @param measure describes it; its errors are ignored */
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
