import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Host } from '../host/host.ts'
import { printableLine } from '../host/server-text.ts'
import { MESSAGE_CHARACTERS } from '../limits/limits.ts'
import { CACHE_READY, type CacheQuestion, type CacheReply, type CacheRequest } from './cache-thread.ts'
import type { Store } from './memory.ts'

interface RunnerCacheOptions extends Pick<Host, 'temporaryDirectory' | 'hide' | 'debug'> {
  /** This program: node, its flags, and the file. */
  readonly program: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

type Reply = Omit<CacheReply, 'id'>

/** The cache of an Actions runner as a store. `close` ends its thread, whether it has answered or not. */
export function runnerCache({ program, environment, temporaryDirectory, hide, debug }: RunnerCacheOptions): Store {
  const directory = join(temporaryDirectory, 'repository-mirroring-state')
  // The package leaves directories behind; here they are removed with this one.
  const env = { ...environment, RUNNER_TEMP: directory }
  const thread = new Worker(program.at(-1) ?? '', { env, workerData: directory, stdout: true, stderr: true })
  const requests = requestsTo(thread)
  const ask = async (question: CacheQuestion): Promise<Reply> => {
    const startedAt = performance.now()
    const { answer, output: printed } = await requests.ask(question)
    const output = withoutMasked(printed)
    debug(`the cache answers after ${Math.round(performance.now() - startedAt)} ms: ${printableLine(JSON.stringify(answer), { hide })}`)
    for (const line of output.split('\n')) if (line !== '') debug(`cache: ${printableLine(line, { hide })}`)
    return { answer, output }
  }
  const shown = (text: string) => printableLine(text, { hide }).slice(0, MESSAGE_CHARACTERS)
  return {
    find: async prefix => {
      const { answer, output } = await ask({ find: prefix })
      if ('problem' in answer) return { problem: shown(answer.problem) }
      const name = 'name' in answer ? answer.name : null
      const why = name === null ? problemIn(output) : null
      return why === null ? { name } : { problem: shown(why) }
    },
    keep: async name => {
      const { answer, output } = await ask({ keep: name })
      if ('problem' in answer) return shown(answer.problem)
      return 'kept' in answer && answer.kept ? null : shown(problemIn(output) ?? 'the cache did not take it')
    },
    ready: () => requests.ready,
    within: async (answer, limitMs) => {
      const ending = new AbortController()
      const late = setTimeout(limitMs, null, { signal: ending.signal }).catch(() => null)
      return await Promise.race([answer, late]).finally(() => ending.abort())
    },
    close: async () => {
      await thread.terminate()
      await rm(directory, { recursive: true, force: true }).catch((error: unknown) =>
        debug(`a directory could not be removed: ${String(error)}`),
      )
    },
  }
}

/** Hides the values that the package asks to mask: the runner never gets these commands. */
function withoutMasked(output: string): string {
  // A command writes `%` as `%25`.
  const masks = [...output.matchAll(/^::add-mask::(.+)$/gm)].flatMap(([, mask = '']) => [mask, mask.replaceAll('%25', '%')])
  return masks.reduce((text, mask) => text.replaceAll(mask, '***'), output.replaceAll(/^::add-mask::.*\n?/gm, ''))
}

/** The error in the output: the package prints it as a line or as a command for the runner, and does not throw. */
const problemIn = (output: string): string | null =>
  /^(?:::(?:warning|error)[^:]*::)?(Failed to .+|Cache (?:restore|save) skipped: .+|.*denied.*)$/m.exec(output)?.[1] ?? null

/** The requests to a thread, several at the same time. */
function requestsTo(thread: Worker) {
  const waiting = new Map<number, (reply: Reply) => void>()
  let count = 0
  /** Why the thread ended; null = it runs. */
  let ended: string | null = null
  const end = (reason: string) => {
    ended ??= reason
    for (const answer of waiting.values()) answer(unanswered(ended))
  }
  thread.on('error', error => end(error.message))
  thread.on('exit', () => end('the cache could not be asked'))
  thread.on('message', (message: CacheReply | typeof CACHE_READY) => {
    if (message === CACHE_READY) return
    const { id, ...reply } = message
    waiting.get(id)?.(reply)
  })
  return {
    /** Resolves when the thread is loaded, which its first message says, or ends. */
    ready: new Promise<void>(resolve => {
      for (const event of ['message', 'error', 'exit']) thread.once(event, () => resolve())
    }),
    ask: (question: CacheQuestion): Promise<Reply> => {
      if (ended !== null) return Promise.resolve(unanswered(ended))
      const id = count++
      return new Promise(resolve => {
        waiting.set(id, resolve)
        thread.postMessage({ id, ...question } satisfies CacheRequest)
      })
    },
  }
}

const unanswered = (problem: string): Reply => ({ answer: { problem }, output: '' })
