import { startGit } from '../../src/git/process.ts'
import { remoteFailure } from '../../src/git/remote-failure.ts'
import { runtimeOf } from '../../src/host/runtime.ts'
import type { RefChange } from '../../src/plan/plan.ts'
import type { Oid, RefName } from '../../src/refs/ref.ts'
import { openSession } from '../../src/session/session.ts'
import { openWithGit } from '../../src/transfer/git/git-sides.ts'
import { openForRelay } from '../../src/transfer/relay/relay-sides.ts'
import type { SidesContext } from '../../src/transfer/sides.ts'
import type { Transfer } from '../../src/transfer/transfer.ts'
import { openTransport } from '../../src/transport/open.ts'
import { converse } from '../../src/transport/stream.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { gitEnvironment, refsOf } from './git-repository.ts'
import { hostWith, PROGRAM } from './mirror.ts'
import { settingsFrom } from './settings.ts'

export interface OpenedTransfer {
  readonly transfer: Transfer
  /** All refs that differ: the destination is to have the tips of the source. */
  readonly changes: readonly RefChange[]
}

export interface TransferOptions {
  /** Another way to the source than that of a repository on this machine, for the relay alone. */
  readonly way?: () => Transport
  /** Tips of the source that are given as what the run may need; left out: those of all refs that differ. */
  readonly wants?: readonly string[]
}

/** Opens both sides, repositories of this machine, and uses the transfer from one to the other as a run does, which leaves nothing behind. */
export async function withTransfer<T>(
  name: Transfer['name'],
  [source, destination]: readonly [source: string, destination: string],
  use: (opened: OpenedTransfer) => Promise<T>,
  { way, wants }: TransferOptions = {},
): Promise<T> {
  const host = hostWith(() => {})
  const settings = settingsFrom({ 'repository-url': source, 'remote-url': destination, transfer: name })
  const env = { PATH: process.env['PATH'], SystemRoot: process.env['SystemRoot'], TEMP: process.env['TEMP'] }
  const runtime = runtimeOf(env, PROGRAM, new AbortController().signal)
  const session = openSession(settings, host, runtime)
  const context: SidesContext = {
    ...{ settings, session, runtime, host },
    openTransport: async (side, options) => (side === 'here' ? way?.() : undefined) ?? (await openTransport(side, options)),
  }
  try {
    const sides = await (name === 'relay' ? openForRelay : openWithGit)(context)
    const changes = changesFrom(await refsOf(source), await refsOf(destination))
    const tips = (wants ?? changes.flatMap(({ after }) => after ?? [])) as Oid[]
    try {
      return await use({ transfer: sides.transfer('here', [...new Set(tips)], true), changes })
    } finally {
      sides.close()
    }
  } finally {
    await session.dispose()
  }
}

function changesFrom(ours: ReadonlyMap<string, string>, theirs: ReadonlyMap<string, string>): RefChange[] {
  const names = [...new Set([...ours.keys(), ...theirs.keys()])].filter(name => ours.get(name) !== theirs.get(name)).sort()
  return names.map(name => {
    const [before, after] = [theirs.get(name) ?? null, ours.get(name) ?? null]
    const action = before === null ? 'create' : after === null ? 'delete' : 'force'
    return { ref: name as RefName, action, before: before as Oid | null, after: after as Oid | null }
  })
}

/**
 * A repository of this machine behind a server with settings of its own.
 * @param told each request, as text
 */
export function serverOf(
  repository: string,
  { settings = [], version = 2 }: { readonly settings?: readonly string[]; readonly version?: 0 | 2 },
  told: (request: string) => void = () => {},
): Transport {
  const running = new Set<() => void>()
  return {
    open: async service => {
      const env = { ...gitEnvironment(), ...(version === 2 && { GIT_PROTOCOL: 'version=2' }) }
      const served = startGit([...settings.flatMap(setting => ['-c', setting]), service, repository], { env })
      let words = ''
      served.stderr.on('data', (text: Buffer) => {
        words += text
      })
      running.add(served.kill)
      const ended = async () => ((await served.exit) === 0 ? null : remoteFailure(words, 'here'))
      const conversation = converse({
        ...{ input: served.stdin, output: served.stdout, ended, cut: served.kill, idleTimeoutMs: 30_000 },
      })
      const ask: typeof conversation.ask = body => {
        if (Buffer.isBuffer(body)) told(body.toString('latin1'))
        return conversation.ask(body)
      }
      return { ...conversation, ask }
    },
    close: () => {
      for (const kill of running) kill()
    },
  }
}
