import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Writable } from 'node:stream'
import { Failure } from '../errors/failure.ts'

export interface RepositorySecret {
  /** Name of the secret, checked by the caller. */
  readonly name: string
  /** `owner/name`, or `host/owner/name`. */
  readonly repository: string
  readonly value: string
}

/**
 * Stores a secret of a repository with GitHub's own program, which encrypts it on this machine. The value goes through the program's stdin, where no other
 * process sees it. Without `--body`, `gh secret set` reads it there (GitHub CLI manual). As the user's program it stays in the process group of the
 * terminal, so that it can ask and Ctrl-C ends it.
 * @param environment of the user: gh finds its login there
 * @param hide takes secrets out of the output of gh
 * @throws Failure `secret-not-stored`
 */
export async function storeSecret(secret: RepositorySecret, environment: NodeJS.ProcessEnv, hide: (text: string) => string): Promise<void> {
  const { name, repository, value } = secret
  const { getExecOutput } = await import('@actions/exec')
  subscribe(STARTED, ignoreUnreadInput)
  const { exitCode, stdout, stderr } = await getExecOutput('gh', ['secret', 'set', name, '--repo', repository], {
    env: environment as Record<string, string>,
    input: Buffer.from(value),
    silent: true,
    ignoreReturnCode: true,
  })
    .catch((cause: unknown) => {
      throw new Failure('secret-not-stored', '`gh`, the program of GitHub, could not be started', { cause })
    })
    .finally(() => unsubscribe(STARTED, ignoreUnreadInput))
  if (exitCode === 0) return
  throw new Failure('secret-not-stored', `\`gh\` did not store the secret "${name}" of "${repository}"`, {
    detail: hide(`${stdout}${stderr}`),
  })
}

/** The channel on which node announces each new process (node:diagnostics_channel). */
const STARTED = 'child_process'

/**
 * If gh ends before it has read the value, its exit code and its output give the reason. The error of its stdin would end this program first, because
 * `@actions/exec` does not listen for it, and gives no access to its process.
 */
function ignoreUnreadInput(started: unknown): void {
  const { process: child } = started as { readonly process: { readonly stdin: Writable | null } }
  // It gets its streams in this tick.
  process.nextTick(() => child.stdin?.on('error', () => {}))
}
