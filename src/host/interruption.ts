import { setMaxListeners } from 'node:events'
import { Failure } from '../errors/failure.ts'
import { INTERRUPTED_MS } from '../limits/limits.ts'

/** Exit codes as a shell reports them for a program that a signal ended. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Listens for the signals that ask this process to end: Ctrl-C, a cancelled step, a closed terminal. The process then ends with the exit code of the
 * signal, regardless of the result of the run. At a second signal, or after the grace time, it ends at once. An error that nothing caught counts as well.
 * @param notify called at the first signal, with a sentence for the user
 * @returns aborts at the first signal, with a Failure as its reason
 */
export function listenForInterruption(notify: (text: string) => void = () => {}): AbortSignal {
  const interruption = new AbortController()
  // Every mirror of a configuration file listens.
  setMaxListeners(0, interruption.signal)
  for (const signal of SIGNALS)
    process.on(signal, () => {
      if (interruption.signal.aborted) endNow(signal)
      process.once('exit', () => {
        process.exitCode = EXIT_CODES[signal]
      })
      setTimeout(() => endNow(signal), INTERRUPTED_MS).unref()
      notify('Interrupted. If a push was in progress, the server may still complete it; run again to check.')
      interruption.abort(new Failure('interrupted', 'the run was interrupted'))
    })
  // A bug of ours ends the run in the same way, and a full disk, so that what was done until then is reported.
  process.on('uncaughtException', (error: unknown) => {
    if (interruption.signal.aborted) return
    const failure = Failure.from(error)
    const code = failure.fault === 'bug' ? 70 : 1
    process.once('exit', () => {
      process.exitCode = code
    })
    setTimeout(() => process.exit(code), INTERRUPTED_MS).unref()
    interruption.abort(failure)
  })
  return interruption.signal
}

/** Ends the process by its signal, after all who listen for its end: an exit by code would wait for files that cannot be written. */
function endNow(signal: (typeof SIGNALS)[number]): never {
  process.once('exit', () => {
    if (process.platform === 'win32') return
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
  process.exit(EXIT_CODES[signal])
}
