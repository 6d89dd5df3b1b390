import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { oneLine } from '../report/escape.ts'
import type { Store } from '../state/store.ts'
import type { CacheAnswer, CacheRequest } from './cache-thread.ts'

interface RunnerCacheOptions {
  /** This program: node, its flags, and the file. */
  readonly program: readonly string[]
  readonly environment: NodeJS.ProcessEnv
  readonly temporaryDirectory: string
  /** Takes secrets out of a text. */
  readonly hide: (text: string) => string
  readonly debug: (message: string) => void
}

/** The cache of an Actions runner as a store. What does not answer in time is left behind, and its thread ends with `close`. */
export function runnerCache({ program, environment, temporaryDirectory, hide, debug }: RunnerCacheOptions): Store {
  const directory = join(temporaryDirectory, 'repository-mirroring-state')
  const file = join(directory, 'state.json')
  // The package leaves directories behind; they are to go with ours.
  const env = { ...environment, RUNNER_TEMP: directory }
  const thread = new Worker(program.at(-1) ?? '', { env, stdout: true, stderr: true })
  let words = ''
  for (const stream of [thread.stdout, thread.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      words += text
    })
  }
  let problem: string | null = null
  thread.on('error', error => {
    problem = error.message
  })
  const ask = async (request: CacheRequest, limitMs: number): Promise<CacheAnswer> => {
    const startedAt = performance.now()
    words = ''
    const answer = problem === null ? await answerOf(thread, request, limitMs) : { problem }
    // A thread that is late would take the next request for the one after.
    if ('problem' in answer) problem = answer.problem
    words = withoutMasked(words)
    debug(`the cache answers after ${Math.round(performance.now() - startedAt)} ms: ${oneLine(hide(JSON.stringify(answer)))}`)
    for (const line of words.split('\n')) if (line !== '') debug(`cache: ${oneLine(hide(line))}`)
    return answer
  }
  const told = (text: string) => oneLine(hide(text)).slice(0, 300)
  return {
    find: async (prefix, limitMs) => {
      const answer = await ask({ find: prefix, file }, limitMs)
      if ('problem' in answer) return { problem: told(answer.problem) }
      const name = 'name' in answer ? answer.name : null
      const why = name === null ? problemIn(words) : null
      return why === null ? { name } : { problem: told(why) }
    },
    keep: async (name, content, limitMs) => {
      const answer = await ask({ keep: name, file, content }, limitMs)
      if ('problem' in answer) return told(answer.problem)
      return 'kept' in answer && answer.kept ? null : told(problemIn(words) ?? 'the cache did not take it')
    },
    close: async () => {
      await thread.terminate()
      await rm(directory, { recursive: true, force: true }).catch((error: unknown) =>
        debug(`a directory could not be removed: ${String(error)}`),
      )
    },
  }
}

/** What the package asks the runner to mask, the runner never hears of. */
function withoutMasked(words: string): string {
  // A command writes `%` as `%25`.
  const masks = [...words.matchAll(/^::add-mask::(.+)$/gm)].flatMap(([, mask = '']) => [mask, mask.replaceAll('%25', '%')])
  return masks.reduce((text, mask) => text.replaceAll(mask, '***'), words.replaceAll(/^::add-mask::.*\n?/gm, ''))
}

/** The package reports what went wrong as a command for the runner, or as a line, and goes on as if there were nothing. */
const problemIn = (words: string): string | null =>
  /^(?:::(?:warning|error)[^:]*::)?(Failed to .+|Cache (?:restore|save) skipped: .+|.*denied.*)$/m.exec(words)?.[1] ?? null

function answerOf(thread: Worker, request: CacheRequest, limitMs: number): Promise<CacheAnswer> {
  return new Promise(resolve => {
    const end = (answer: CacheAnswer) => {
      clearTimeout(timer)
      for (const [event, listener] of Object.entries(listeners)) thread.off(event, listener)
      resolve(answer)
    }
    const listeners = {
      message: end,
      error: (error: Error) => end({ problem: error.message }),
      exit: () => end({ problem: 'the cache could not be asked' }),
    }
    const timer = setTimeout(() => end({ problem: `the cache did not answer within ${(limitMs / 1000).toFixed(1)} s` }), limitMs)
    for (const [event, listener] of Object.entries(listeners)) thread.on(event, listener)
    thread.postMessage(request)
  })
}
