import { cpSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { commit, copyInto, createBare, refsOf } from './git-repository.ts'
import type { Kill } from './kill-table.ts'
import { commitLfs } from './lfs-repository.ts'
import { type LfsServer, startLfsServer } from './lfs-server.ts'
import { type LfsSshd, startLfsSshd } from './lfs-ssh.ts'
import { httpsPlace } from './places.ts'
import { searchFor } from './secret-forms.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const WITH_FILTER = { 'uploadpack.allowFilter': 'true' }

type Refs = ReadonlyMap<string, string>

/** A mirror that a run has something to do for: a branch to create, one to update, and one to force. */
export interface KillMirror {
  readonly source: string
  readonly destination: string
  readonly inputs: RawInputs
  /** The refs of the destination. */
  readonly before: Refs
  readonly planned: Refs
}

export interface KillPlaces {
  readonly https: LfsServer
  create(kind: Pick<Kill, 'protocol' | 'lfs'>): Promise<KillMirror>
  /** Whether a text shows a secret of the runs. */
  readonly shows: (text: string) => boolean
  readonly secrets: readonly string[]
  stop(): Promise<void>
}

/** Starts a server for each protocol; both sides of a mirror are behind the same one, and each has LFS. */
export async function startKillPlaces(): Promise<KillPlaces> {
  const [ssh, https] = await Promise.all([startLfsSshd('transfer'), startLfsServer()])
  const [plain, lfs] = await Promise.all([createSides(false), createSides(true)])
  const secrets = [ssh.readOnlyKey, ssh.privateKey, https.token, https.client.key]
  return {
    https,
    create: async kind => {
      const sides = kind.lfs ? lfs : plain
      const { create } = kind.protocol === 'ssh' ? { create: createOverSsh } : httpsPlace(https, 'git')
      const [source, destination] = await Promise.all([create(), create()])
      copyAll(source, sides.source)
      copyAll(destination, sides.destination)
      const inputs = kind.protocol === 'ssh' ? sshInputs(ssh, source, destination) : httpsInputs(https, source, destination)
      return { source, destination, inputs, before: sides.before, planned: sides.planned }
    },
    shows: searchFor(secrets, ['git', https.user]),
    secrets,
    stop: async () => {
      await Promise.allSettled([ssh.stop(), https.stop()])
    },
  }
}

/** The two sides of a mirror, to be copied. */
async function createSides(withLfs: boolean) {
  const [source, destination] = await Promise.all([createBare(), createBare()])
  const first = await commit(destination, 'main', { files: { a: '1' } })
  copyInto(source, destination)
  await commit(destination, 'rewritten', { files: { b: 'there' }, parents: [first] })
  if (withLfs) await commitLfs(source, 'main', { 'a.bin': 300_000 })
  else await commit(source, 'main', { files: { a: '2' } })
  await commit(source, 'dev', { files: { c: '1' }, parents: [first] })
  await commit(source, 'rewritten', { files: { b: 'here' }, parents: [first] })
  return { source, destination, before: await refsOf(destination), planned: await refsOf(source) }
}

function copyAll(directory: string, from: string): void {
  copyInto(directory, from)
  if (existsSync(join(from, 'lfs'))) cpSync(join(from, 'lfs'), join(directory, 'lfs'), { recursive: true })
}

const createOverSsh = () => createBare(undefined, { config: WITH_FILTER })

/** Each side with a key of its own. */
const sshInputs = (ssh: LfsSshd, source: string, destination: string): RawInputs => ({
  'repository-url': ssh.url(source),
  token: ssh.readOnlyKey,
  'remote-url': ssh.url(destination),
  'auth-secret': ssh.privateKey,
  'known-host-keys': ssh.knownHosts,
})

/** With a token and a client certificate. */
function httpsInputs(https: LfsServer, source: string, destination: string): RawInputs {
  const url = (directory: string) => `${https.guardedOrigin}/git/${directory.split('/').at(-1)}`
  return {
    'repository-url': url(source).replace('://', `://${https.user}@`),
    token: https.token,
    'remote-url': url(destination),
    username: https.user,
    'auth-secret': https.token,
    'ca-certificate': https.caPem,
    'client-certificate': https.client.certificate,
    'client-key': https.client.key,
  }
}

/** Inputs that name a variable in a configuration file. */
const NAMED = ['token', 'auth-secret', 'client-key'] as const

/** The inputs and the environment of a step: of one mirror as it is, of two by a configuration file. */
export function stepOf([first, ...others]: readonly KillMirror[]): { inputs: Record<string, string>; env: Record<string, string> } {
  const inputs = Object.fromEntries(Object.entries(first?.inputs ?? {}).filter(([, value]) => value !== undefined))
  if (others.length === 0) return { inputs, env: {} }
  const named = NAMED.filter(name => inputs[name] !== undefined)
  const variableOf = (name: string) => `OF_MIRROR_${name.toUpperCase().replace('-', '_')}`
  const mirrors = [first, ...others].map((mirror, index) => ({
    name: ['first', 'last'][index],
    ...mirror?.inputs,
    ...Object.fromEntries(named.map(name => [name, variableOf(name)])),
  }))
  const config = join(temporaryDirectory(), 'mirrors.yml')
  // JSON is YAML, too.
  writeFileSync(config, JSON.stringify({ mirrors }))
  return {
    inputs: { config, 'config-may-set': 'ca-certificate, client-certificate' },
    env: Object.fromEntries(named.map(name => [variableOf(name), inputs[name] ?? ''])),
  }
}
