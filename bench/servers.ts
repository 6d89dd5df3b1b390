import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type GitHttp, startGitHttp } from '../test/support/git-http.ts'
import { gitEnvironment } from '../test/support/git-repository.ts'
import { type Sshd, startSshd } from '../test/support/sshd.ts'
import { temporaryDirectory } from '../test/support/temporary-directory.ts'
import { type DelayProxy, startProxy, type Traffic } from './proxy.ts'
import { copyRepository } from './repositories/tree.ts'

export const PROTOCOLS = ['https', 'ssh'] as const
export type Protocol = (typeof PROTOCOLS)[number]

/** How a client connects to the servers. */
export interface Route {
  readonly protocol: Protocol
  /** One port per side, to distinguish the sides. On a direct route both are the server's own port. */
  readonly ports: { readonly source: number; readonly destination: number }
  readonly roundTripMs: number
  /** Traffic since the last call. A direct route does not measure it. */
  take(): { readonly source: Traffic; readonly destination: Traffic }
}

export type Side = keyof Route['ports']

/** The servers, with all data that a client needs. Both serve the same repositories. */
export interface Servers {
  readonly http: GitHttp
  readonly ssh: Sshd
  readonly caFile: string
  readonly keyFile: string
  /** Contains lines for all routes. */
  readonly knownHostsFile: string
  route(protocol: Protocol, way: keyof typeof DELAYS): Route
  url(route: Route, side: Side, name: string): string
  directory(name: string): string
  /** Replaces the repository there with a copy of another. */
  put(name: string, repository: string): string
  remove(name: string): void
  stop(): Promise<void>
}

/**
 * Direct; through a proxy that only counts; through one that also delays each direction. Round trips are counted with a delay so long that the
 * servers' own time does not matter.
 */
const DELAYS = { direct: null, counted: 0, far: 25, veryFar: 200 } as const

/** Delay on far routes. */
export const FAR_MS = 2 * DELAYS.far

export async function startServers(): Promise<Servers> {
  const directory = temporaryDirectory()
  const [http, ssh] = await Promise.all([startGitHttp(), startSshd()])
  const portOf = { https: Number(new URL(http.origin).port), ssh: ssh.port }
  const proxies: DelayProxy[] = []
  const routes = new Map<string, Route>()
  for (const protocol of PROTOCOLS) {
    routes.set(`${protocol} direct`, directRoute(protocol, portOf[protocol]))
    for (const way of ['counted', 'far', 'veryFar'] as const) {
      const pair = [await startProxy(portOf[protocol], DELAYS[way]), await startProxy(portOf[protocol], DELAYS[way])] as const
      proxies.push(...pair)
      routes.set(`${protocol} ${way}`, proxyRoute(protocol, pair, DELAYS[way]))
    }
  }
  const hostKey = ssh.hostKeys.ed25519
  const ports = [...routes.values()].filter(({ protocol }) => protocol === 'ssh').flatMap(route => Object.values(route.ports))
  const file = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text, { mode: 0o600 })
    return join(directory, name)
  }
  const directoryOf = (name: string): string => join(http.repositories, `${name}.git`)
  const remove = (name: string): void => rmSync(directoryOf(name), { recursive: true, force: true })
  return {
    http,
    ssh,
    caFile: http.caFile,
    keyFile: file('key', ssh.privateKey),
    knownHostsFile: file('known_hosts', [...new Set(ports)].map(port => `[127.0.0.1]:${port} ${hostKey}\n`).join('')),
    route(protocol, way) {
      const route = routes.get(`${protocol} ${way}`)
      if (route === undefined) throw new Error(`no route ${protocol} ${way}`)
      return route
    },
    url({ protocol, ports }, side, name) {
      if (protocol === 'ssh') return `ssh://${ssh.username}@127.0.0.1:${ports[side]}${directoryOf(name)}`
      return `https://${http.user}@127.0.0.1:${ports[side]}/git/${name}.git`
    },
    directory: directoryOf,
    put(name, repository) {
      remove(name)
      copyRepository(repository, directoryOf(name))
      return name
    },
    remove,
    async stop() {
      for (const proxy of proxies) await proxy.stop()
      await Promise.allSettled([http.stop(), ssh.stop()])
    },
  }
}

const NOTHING: Traffic = { traces: [], bytes: 0 }

const directRoute = (protocol: Protocol, port: number): Route => ({
  protocol,
  ports: { source: port, destination: port },
  roundTripMs: 0,
  take: () => ({ source: NOTHING, destination: NOTHING }),
})

const proxyRoute = (protocol: Protocol, [source, destination]: readonly [DelayProxy, DelayProxy], delayMs: number): Route => ({
  protocol,
  ports: { source: source.port, destination: destination.port },
  roundTripMs: 2 * delayMs,
  take: () => ({ source: source.take(), destination: destination.take() }),
})

/** Git as a user runs it: without the shortcuts of the tests. */
export function clientEnvironment(): Record<string, string> {
  const { GIT_TEST_FSYNC: _, ...environment } = gitEnvironment()
  return environment
}
