import { Failure } from '../errors/failure.ts'
import { type GitProcess, serveRepository } from '../git/process.ts'
import { remoteFailure } from '../git/remote-failure.ts'
import { awaitedLater } from '../tasks/later.ts'
import { collectWords, converse } from './stream.ts'
import type { CommonOptions, Transport } from './transport.ts'

interface LocalOptions extends CommonOptions {
  readonly path: string
  /** Whole environment of the services. */
  readonly environment: Readonly<Record<string, string>>
}

/** A repository of this machine: git's services as child processes. */
export function localTransport({ side, path, environment, hide, idleTimeoutMs, signal }: LocalOptions): Transport {
  const running = new Set<GitProcess>()
  return {
    open: async (service, protocol) => {
      if (signal?.aborted) throw Failure.from(signal.reason).on(side)
      const env = serviceEnvironment(environment)
      if (protocol === 2) env['GIT_PROTOCOL'] = 'version=2'
      const served = serveRepository(service, path, env)
      running.add(served)
      const words = collectWords(served.stderr)
      const exit = awaitedLater(served.exit.finally(() => running.delete(served)))
      const ended = async () => ((await exit) === 0 ? null : (served.ended()?.on(side) ?? remoteFailure(hide(words()), side)))
      return converse({ input: served.stdin, output: served.stdout, ended, cut: served.kill, idleTimeoutMs, signal })
    },
    close: () => {
      for (const { kill } of running) kill()
    },
  }
}

/** Without settings of the client, which git does not hand on to a local service either: the repository's own hooks and rules count. */
const serviceEnvironment = (environment: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^GIT_CONFIG_(?:COUNT|KEY_\d+|VALUE_\d+)$/.test(name)))
