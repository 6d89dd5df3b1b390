import type { GitRemote } from '../git/remote.ts'
import type { Runtime } from '../host/runtime.ts'
import { CONNECT_MS, IDLE_MS } from '../limits/limits.ts'
import type { Side } from '../remote/side.ts'
import type { Settings } from '../settings/settings.ts'
import type { Transport } from './transport.ts'

export interface TransportOptions {
  readonly settings: Settings
  readonly runtime: Pick<Runtime, 'env' | 'signal'>
  /** The side as git reaches it; needed for a repository of this machine alone. */
  readonly gitRemote: (side: Side) => Promise<GitRemote>
  readonly hide: (text: string) => string
  readonly debug: (message: string) => void
}

/** The way to one side. Loads what its protocol needs, and nothing else; nothing is connected yet. */
export async function openTransport(side: Side, { settings, runtime, gitRemote, hide, debug }: TransportOptions): Promise<Transport> {
  const { url, username, secret, scheme, passphrase, agentSocket } = settings[side]
  const { env: environment, signal } = runtime
  const common = { side, hide, idleTimeoutMs: IDLE_MS, signal }
  switch (url.protocol) {
    case 'file': {
      const { localTransport } = await import('./local.ts')
      return localTransport({ ...common, path: url.path, environment: (await gitRemote(side)).env })
    }
    case 'ssh': {
      const { sshTransport } = await import('./ssh.ts')
      const target = async () => {
        const { sshTarget } = await import('../ssh/target.ts')
        const { host, port } = url
        const session = { host, port, username, secret, passphrase, agentSocket }
        return { ...sshTarget({ ...session, knownHostKeys: settings.knownHostKeys }), debug, signal }
      }
      return sshTransport({ ...common, target, path: url.path })
    }
    case 'git': {
      const { daemonTransport } = await import('./daemon.ts')
      return daemonTransport({ ...common, url })
    }
    case 'https':
    case 'http': {
      const { httpTransport } = await import('./http.ts')
      const { caCertificate, clientCertificate, clientKey } = settings
      const login = { url, username, secret, scheme, caCertificate, clientCertificate, clientKey }
      return httpTransport({ ...common, ...login, debug, environment, connectTimeoutMs: CONNECT_MS })
    }
  }
}
