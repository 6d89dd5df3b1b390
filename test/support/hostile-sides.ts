import { readFileSync } from 'node:fs'
import { Failure } from '../../src/errors/failure.ts'
import type { Oid } from '../../src/refs/ref.ts'
import { parseRemoteUrl, type RemoteUrl } from '../../src/remote/url.ts'
import { packStream } from '../../src/transfer/relay/pack-stream.ts'
import { openReceivePack } from '../../src/transfer/relay/receive-pack.ts'
import { openUploadPack } from '../../src/transfer/relay/upload-pack.ts'
import { httpTransport } from '../../src/transport/http.ts'
import { sshTransport } from '../../src/transport/ssh.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { createCertificates } from './certificates.ts'
import { gitEnvironment } from './git-repository.ts'
import { SMALL_LIMITS } from './hostile-git-rows.ts'
import { type HostileSsh, startHostileSsh } from './hostile-ssh.ts'
import { type HostileWeb, startHostileWeb } from './hostile-web.ts'
import { temporaryDirectory } from './temporary-directory.ts'

export const IDLE_MS = 10_000
/** Bytes that a server may get rid of beyond a limit of a megabyte: they are on their way through the system. */
export const MOST_TAKEN = 2 ** 24

export type Role = 'source' | 'destination'
const sideOf = (role: Role) => (role === 'source' ? 'here' : 'there')
const commonOf = (role: Role) => ({ side: sideOf(role), hide: (text: string) => text, idleTimeoutMs: IDLE_MS, signal: undefined }) as const

/** PEM, of a server on 127.0.0.1 and of its authority. */
export async function issueCertificates(): Promise<Readonly<Record<'ca' | 'cert' | 'key', string>>> {
  const { ca, certificate, key } = await createCertificates(temporaryDirectory(), gitEnvironment())
  const [authority = '', cert = '', own = ''] = [ca, certificate, key].map(file => readFileSync(file, 'utf8'))
  return { ca: authority, cert, key: own }
}

export interface HostileServers {
  readonly ssh: HostileSsh
  readonly web: HostileWeb
  /** PEM, of the authority behind the certificate of `web`. */
  readonly ca: string
  stop(): void
}

/** One server of each protocol, both without faults as yet. */
export async function startHostileServers(): Promise<HostileServers> {
  const { ca, ...own } = await issueCertificates()
  const [ssh, web] = [await startHostileSsh(), await startHostileWeb(own)]
  const stop = () => {
    ssh.stop()
    web.stop()
  }
  return { ssh, web, ca, stop }
}

export const sshTo = ({ target }: HostileSsh, role: Role): Transport =>
  sshTransport({ ...commonOf(role), target: async () => target, path: '/r' })

export const httpsTo = ({ origin }: HostileWeb, caCertificate: string, role: Role): Transport =>
  httpTransport({
    ...commonOf(role),
    url: parseRemoteUrl(`${origin}/r.git`, { allowInsecureHttp: false }) as RemoteUrl,
    ...{ username: 'git', secret: null, scheme: 'basic' as const, caCertificate, clientCertificate: null, clientKey: null },
    ...{ debug: () => {}, environment: {}, connectTimeoutMs: 30_000 },
  })

/** Does what the relay does at one side, with small limits. @throws Failure */
export const mirrorSide = (transport: Transport, role: Role): Promise<void> => (role === 'source' ? readAll : pushAll)(transport)

async function readAll(transport: Transport): Promise<void> {
  const source = await openUploadPack({ transport, side: 'here', limits: SMALL_LIMITS, onWords: () => {}, onBytes: () => {} })
  const wants = ['a'.repeat(40) as Oid]
  const fetched = await source.fetch({ wants, haves: [], thin: true, ofsDelta: true, filter: null, done: true })
  for await (const _ of packStream(fetched, 'here').passOn());
}

async function pushAll(transport: Transport): Promise<void> {
  const destination = await openReceivePack(transport, 'there', () => true, SMALL_LIMITS)
  const { failure } = await destination.push(Buffer.from('0000'))
  if (failure !== null) throw failure
}

/** The failure of a piece of work. Throws what is none. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  )
  if (error instanceof Failure) return error
  throw error
}
