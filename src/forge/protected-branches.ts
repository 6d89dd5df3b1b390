import { Failure } from '../errors/failure.ts'
import type { Settings } from '../settings/settings.ts'
import { ForgeApi } from './api.ts'
import { protectedAtGitea } from './gitea.ts'
import { protectedAtGitHub } from './github.ts'
import { protectedAtGitLab } from './gitlab.ts'
import { locateForge } from './location.ts'
import type { ProtectedBranches } from './rules.ts'

/** What is needed to ask a forge. */
export interface ForgeSurroundings {
  readonly environment: NodeJS.ProcessEnv
  readonly hide: (text: string) => string
  readonly debug: (message: string) => void
  /** The answer is not wanted any more. */
  readonly signal: AbortSignal
}

const IDLE_TIMEOUT_MS = 60_000
const CONNECT_TIMEOUT_MS = 30_000

const READERS = { github: protectedAtGitHub, gitlab: protectedAtGitLab, gitea: protectedAtGitea }

/** Asks the forge of the run's repository for its protected branches. @throws Failure; `no-protected-branches` where there are none */
export async function readProtectedBranches(
  settings: Pick<Settings, 'here' | 'apiUrl' | 'caCertificate' | 'clientCertificate' | 'clientKey'>,
  surroundings: ForgeSurroundings,
): Promise<ProtectedBranches> {
  const { here, apiUrl, caCertificate, clientCertificate, clientKey } = settings
  const location = locateForge(here.url, apiUrl)
  if (location === null) {
    throw new Failure(
      'protected-branches-unreadable',
      `the protected branches cannot be read: it is not known which forge "${here.url}" is at`,
      {
        hint: 'name the branches in `protected-branches`',
      },
    )
  }
  const { HttpClient } = await import('../transport/http-client.ts')
  const options = {
    ...surroundings,
    ...{ location, token: here.secret, caCertificate, clientCertificate, clientKey },
    ...{ idleTimeoutMs: IDLE_TIMEOUT_MS, connectTimeoutMs: CONNECT_TIMEOUT_MS },
  }
  const client = await HttpClient.create(options, new URL(location.base))
  const close = () => client.close()
  surroundings.signal.addEventListener('abort', close)
  try {
    if (surroundings.signal.aborted) throw new Failure('connection-lost', 'the request was given up')
    const found = await READERS[location.kind](new ForgeApi(client, options), location.repository)
    if (found.rules.length > 0) return found
    throw new Failure('no-protected-branches', `no branch of "${location.repository}" is protected`)
  } finally {
    surroundings.signal.removeEventListener('abort', close)
    close()
  }
}
