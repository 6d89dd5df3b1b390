// Servers that speak git's protocol to a point, and then none that any client can use. Each phase, each behaviour, over SSH and over HTTPS, as source and as destination.
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import type { Oid } from '../../src/refs/ref.ts'
import { parseRemoteUrl, type RemoteUrl } from '../../src/remote/url.ts'
import { packStream } from '../../src/transfer/relay/pack-stream.ts'
import { openReceivePack } from '../../src/transfer/relay/receive-pack.ts'
import { openUploadPack } from '../../src/transfer/relay/upload-pack.ts'
import { httpTransport } from '../../src/transport/http.ts'
import { sshTransport } from '../../src/transport/ssh.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { createCertificates } from '../support/certificates.ts'
import { inTime, settle, stopClock, until } from '../support/clock.ts'
import { gitEnvironment } from '../support/git-repository.ts'
import { DESTINATION_ROWS, type GitRow, SMALL_LIMITS, SOURCE_ROWS } from '../support/hostile-git-rows.ts'
import { type HostileSsh, startHostileSsh } from '../support/hostile-ssh.ts'
import { type HostileWeb, startHostileWeb } from '../support/hostile-web.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const IDLE_MS = 10_000
/** Bytes that a server may get rid of beyond a limit of a megabyte: what is on its way through the system. */
const MOST_TAKEN = 2 ** 24

let ssh: HostileSsh
let web: HostileWeb
let caCertificate: string
beforeAll(async () => {
  const files = await createCertificates(temporaryDirectory(), gitEnvironment())
  const [cert, key] = [readFileSync(files.certificate, 'utf8'), readFileSync(files.key, 'utf8')]
  caCertificate = readFileSync(files.ca, 'utf8')
  ssh = await startHostileSsh()
  web = await startHostileWeb({ cert, key })
})
afterAll(() => {
  ssh?.stop()
  web?.stop()
})
stopClock()
beforeEach(() => {
  for (const { noted } of [ssh, web]) Object.assign(noted, { taken: 0, isWaiting: false })
})
const transports: Transport[] = []
afterEach(() => {
  for (const transport of transports.splice(0)) transport.close()
})

type Side = 'here' | 'there'

function transportTo(protocol: string, side: Side): Transport {
  const common = { side, hide: (text: string) => text, idleTimeoutMs: IDLE_MS, signal: undefined }
  const transport =
    protocol === 'ssh'
      ? sshTransport({ ...common, target: async () => ssh.target, path: '/r' })
      : httpTransport({
          ...common,
          url: parseRemoteUrl(`${web.origin}/r.git`, { allowInsecureHttp: false }) as RemoteUrl,
          ...{ username: 'git', secret: null, caCertificate, clientCertificate: null, clientKey: null },
          ...{ debug: () => {}, environment: {}, connectTimeoutMs: 30_000 },
        })
  transports.push(transport)
  return transport
}

/** As the relay reads a source: refs, then a pack. */
async function readAll(transport: Transport): Promise<void> {
  const source = await openUploadPack({ transport, side: 'here', limits: SMALL_LIMITS, onWords: () => {}, onBytes: () => {} })
  const wants = ['a'.repeat(40) as Oid]
  const fetched = await source.fetch({ wants, haves: [], thin: true, ofsDelta: true, filter: null, done: true })
  for await (const _ of packStream(fetched, 'here').passOn());
}

/** As the relay writes to a destination: refs, then a push and its report. */
async function pushAll(transport: Transport): Promise<void> {
  const destination = await openReceivePack(transport, 'there', () => true, SMALL_LIMITS)
  const { failure } = await destination.push(Buffer.from('0000'))
  if (failure !== null) throw failure
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  )
  if (error instanceof Failure) return error
  throw error
}

const TABLE = [
  ['source', 'here', SOURCE_ROWS],
  ['destination', 'there', DESTINATION_ROWS],
] as const

describe.each(['ssh', 'https'])('over %s', protocol => {
  describe.each(TABLE)('the %s', (role, side, rows) => {
    const kindOf = (row: GitRow) => (protocol === 'ssh' ? row.kind : row.overHttps)
    test.each(rows.map(row => [row.phase, row.what, kindOf(row), row] as const))('%s: %s: %s', async (_, __, kind, row: GitRow) => {
      const server = protocol === 'ssh' ? ssh : web
      server.plan = { greeting: row.greeting, answers: row.answers }
      const transport = transportTo(protocol, side)
      const failing = failureOf(role === 'source' ? readAll(transport) : pushAll(transport))
      if (row.isTime) {
        await until(() => server.noted.isWaiting)
        await settle()
        await inTime(failing)
      }
      expect(await failing).toMatchObject({ kind, side })
      expect(server.noted.taken).toBeLessThan(MOST_TAKEN)
      // The server itself closes nothing here that it was not asked to.
      transport.close()
      await until(() => server.open() === 0)
    })
  })
})
