// Where secrets are while a run is under way.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { secretForms } from '../../src/credentials/secret-forms.ts'
import { type Account, createAccount } from '../support/account.ts'
import { runMain, runPost, type StepResult } from '../support/action-step.ts'
import { end } from '../support/child-process.ts'
import { withoutMaskCommands } from '../support/command-file.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, createBare, git, installHook } from '../support/git-repository.ts'
import { differences } from '../support/mirror.ts'
import { type MadeKey, makeKey } from '../support/private-keys.ts'
import { findSecrets } from '../support/secret-forms.ts'
import { type SshAgent, startSshAgent } from '../support/ssh-agent.ts'
import { generateKey, type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { startProxy, type TestProxy } from '../support/tinyproxy.ts'
import { type GitCall, type KeptFile, type WatchedRun, watchedRun, watchProcesses } from '../support/watched-run.ts'

const PASSWORD = 's3cret "pa$$ w:rd <???>'
const PROXY_PASSWORD = 'pr0xy-pass-w_rd'

let encrypted: MadeKey
let agentKey: string
let agent: SshAgent
let account: Account
let sshd: Sshd
let withPassword: Sshd
let http: GitHttp
let other: GitHttp
let proxy: TestProxy
let source: string
beforeAll(async () => {
  const directory = temporaryDirectory()
  encrypted = await makeKey(directory, 'ed25519', 'OpenSSH, encrypted')
  const inAgent = await generateKey(join(directory, 'agent'), 'ed25519')
  agentKey = inAgent.privateKey
  agent = await startSshAgent(agentKey)
  account = await createAccount({ password: PASSWORD })
  sshd = await startSshd({ authorizedKeys: [encrypted.publicHalf, inAgent.publicKey] })
  withPassword = await startSshd({
    account,
    settings: ['AuthenticationMethods password', 'PasswordAuthentication yes', 'PubkeyAuthentication no', 'PermitRootLogin yes'],
  })
  http = await startGitHttp()
  other = await startGitHttp()
  proxy = await startProxy({ user: 'ada', password: PROXY_PASSWORD })
  source = await createBare()
  await commit(source, 'main', { files: { a: '1' } })
})
afterAll(async () => {
  await Promise.allSettled([sshd, withPassword, http, other, proxy, agent].map(async one => await one?.stop()))
})

/** Whether a text shows one of the secrets, in a form that our masks know, or in one that the tests know. */
const shows = (text: string, secrets: readonly string[]): boolean =>
  findSecrets(text, secrets).length > 0 ||
  secrets.some(secret => secretForms(secret, ['git', 'mirror', 'ada']).some(form => text.includes(form)))

const holding = (files: readonly KeptFile[], secrets: readonly string[]): KeptFile[] => files.filter(({ text }) => shows(text, secrets))

/** `temp/repository-mirroring-…/there-ssh.json` → `there-ssh.json`. */
const names = (files: readonly KeptFile[]): string[] => [...new Set(files.map(({ path }) => path.split('/').at(-1) ?? ''))].sort()

interface Way {
  readonly inputs: Readonly<Record<string, string>>
  /** Of the mirror. */
  readonly destination: string
  readonly env?: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
}

/** Both sides over ssh, each with a key of its own. */
async function overSsh(): Promise<Way> {
  const destination = await createBare()
  const inputs = {
    'repository-url': sshd.url(source),
    token: sshd.readOnlyKey,
    'remote-url': sshd.url(destination),
    'auth-secret': sshd.privateKey,
    'known-host-keys': sshd.knownHosts,
  }
  return { inputs, destination, secrets: [sshd.readOnlyKey, sshd.privateKey] }
}

let count = 0
/** To a server that asks for a token and for a client certificate. */
async function overHttps(): Promise<Way> {
  const name = `mirror${count++}`
  const destination = await http.createRepository(name)
  const inputs = {
    'repository-url': source,
    'remote-url': `${http.guardedOrigin}/git/${name}.git`,
    username: http.user,
    'auth-secret': http.token,
    'ca-certificate': http.caPem,
    'client-certificate': http.client.certificate,
    'client-key': http.client.key,
  }
  return { inputs, destination, secrets: [http.token, http.client.key] }
}

function start({ inputs, env, secrets }: Way, watched: WatchedRun): Promise<StepResult> {
  return runMain({ retries: '0', ...inputs }, { secrets, env: { ...watched.env, ...env }, started: watched.started })
}

describe('while a run is under way no secret is in a command line, a process that does not need it, a file that is not private, or anything written', () => {
  /**
   * Who is given what. The step has all its inputs in its environment: so the runner starts it. Besides it,
   * - a git that speaks to an https server (GIT_ALLOW_PROTOCOL=https) has the token of that server, and of no other, and the proxy's password: it has to show
   *   them. It hands its environment on to the parts of git that it starts itself for that same request; git offers no way to keep it from them;
   * - every other process has none: a git that speaks ssh (it has the path of a private file), the program that is its ssh, a git that reads or writes
   *   repositories of this machine, whatever these start.
   */
  const mayHold = ({ environment }: Pick<GitCall, 'environment'>, way: SpiedWay): readonly string[] =>
    environment['GIT_ALLOW_PROTOCOL'] === 'https' ? (way.ofWeb ?? []) : []

  interface SpiedWay extends Way {
    /** What a git that speaks https may have, if it has one of them; of several tokens one. */
    readonly ofWeb?: readonly string[]
  }

  const toMirror = async (server: Sshd, inputs: Record<string, string>, secrets: readonly string[], env = {}): Promise<SpiedWay> => {
    const destination = await createBare()
    const to = { 'repository-url': source, 'remote-url': server.url(destination), 'known-host-keys': server.knownHosts }
    return { destination, secrets, env, inputs: { ...to, ...inputs } }
  }
  const passphrase = (): string => encrypted.passphrase ?? ''
  const WAYS: readonly (readonly [string, () => Promise<SpiedWay>])[] = [
    ['keys over ssh', overSsh],
    [
      'an encrypted key over ssh',
      () => toMirror(sshd, { 'auth-secret': encrypted.text, 'ssh-key-passphrase': passphrase() }, [encrypted.text, passphrase()]),
    ],
    ['a password over ssh', () => toMirror(withPassword, { 'auth-secret': PASSWORD }, [PASSWORD])],
    ['an agent', () => toMirror(sshd, {}, [agentKey], { SSH_AUTH_SOCK: agent.socket })],
    [
      'a token for each side, and a client key',
      async () => {
        const way = await overHttps()
        const name = `source${count++}`
        await git(source, ['push', '-q', '--mirror', await other.createRepository(name)])
        const inputs = {
          ...way.inputs,
          'repository-url': other.url(name),
          token: other.token,
          'ca-certificate': `${http.caPem}\n${other.caPem}`,
        }
        return { ...way, inputs, secrets: [...way.secrets, other.token], ofWeb: [http.token, other.token] }
      },
    ],
    [
      'a proxy with a password',
      async () => {
        const name = `proxied${count++}`
        const destination = await http.createRepository(name)
        const inputs = {
          'repository-url': source,
          'remote-url': http.url(name),
          username: http.user,
          'auth-secret': http.token,
          'ca-certificate': http.caPem,
        }
        const env = { HTTPS_PROXY: `http://ada:${PROXY_PASSWORD}@${proxy.address}` }
        return { destination, inputs, env, secrets: [http.token, PROXY_PASSWORD], ofWeb: [http.token, PROXY_PASSWORD] }
      },
    ],
  ]

  /** The relay starts no program that speaks SSH, so one key tells as much of it as an encrypted one, a password or an agent does. */
  const BY_GIT = ['an encrypted key over ssh', 'a password over ssh', 'an agent']
  const transfersOf = (name: string) => (BY_GIT.includes(name) ? (['git'] as const) : (['relay', 'git'] as const))
  test.each(WAYS.flatMap(([name, way]) => transfersOf(name).map(transfer => [name, transfer, way] as const)))(
    '%s, transfer %s',
    async (_, transfer, wayOf) => {
      const plain = await wayOf()
      const way = { ...plain, inputs: { ...plain.inputs, transfer } }
      const watched = watchedRun()
      installHook(way.destination, 'pre-receive', watched.keep)
      const groups = new Set<number>()
      const started = (pid: number): void => {
        watched.started(pid)
        groups.add(pid)
      }
      const run = runMain({ retries: '0', ...way.inputs }, { secrets: way.secrets, env: { ...watched.env, ...way.env }, started })
      const seen = await watchProcesses(groups, run)
      const step = seen.result
      expect(step).toMatchObject({ code: 0, leaks: [], outputs: { status: 'updated', transfer } })
      expect(await differences(source, way.destination)).toEqual([])

      const calls = watched.calls()
      const commandLines = [...seen.commandLines, ...calls.map(({ argv }) => argv)]
      expect(commandLines.filter(line => shows(line, way.secrets))).toEqual([])

      const wrong = [...calls, ...seen.processes].filter(process => {
        const texts = Object.values(process.environment).join('\n')
        const allowed = mayHold(process, way)
        const tokens = allowed.filter(secret => secret !== PROXY_PASSWORD && shows(texts, [secret]))
        return (
          tokens.length > 1 ||
          shows(
            texts,
            way.secrets.filter(secret => !allowed.includes(secret)),
          )
        )
      })
      expect(wrong.map(({ argv }) => argv)).toEqual([])

      const files = [...calls.flatMap(call => call.files), ...watched.kept(), ...watched.files()]
      const secretFiles = holding(files, way.secrets)
      expect(names(secretFiles).filter(name => !/^(?:(?:here|there)-ssh\.json|client\.key)$/.test(name))).toEqual([])
      expect(new Set(secretFiles.map(({ mode }) => mode))).toEqual(new Set(secretFiles.length > 0 ? ['600'] : []))
      // All that the step has left is its report; the files were gone by themselves.
      expect(watched.files().map(({ path }) => path)).toEqual([expect.stringMatching(/^temp\/repository-mirroring-report-/)])

      const report = readFileSync(step.outputs['report-file'] ?? '', 'utf8')
      const written = [
        withoutMaskCommands(step.log),
        step.maskedLog,
        step.summary,
        report,
        JSON.stringify([step.outputs, step.env, step.state]),
      ]
      expect(written.filter(text => shows(text, way.secrets))).toEqual([])
      expect((await runPost(step)).code).toBe(0)
    },
  )

  test('the search would find them', async () => {
    const { inputs, destination, secrets } = await overHttps()
    const watched = watchedRun()
    installHook(destination, 'pre-receive', watched.keep)
    await start({ inputs: { ...inputs, transfer: 'git' }, destination, secrets }, watched)
    // A file, and the environment of a git that speaks to the server.
    expect(names(holding(watched.kept(), secrets))).toEqual(['client.key'])
    const values = watched.calls().map(({ environment }) => Object.values(environment).join('\n'))
    expect(values.some(text => shows(text, [http.token]))).toBe(true)

    // A command line and an environment, of a child in the group of its parent.
    const inner = 'echo ready; read -r _'
    const leader = spawn('sh', ['-c', `sh -c '${inner}' inner "$ARGUMENT"; exit 0`], {
      env: { PATH: process.env['PATH'], ARGUMENT: PASSWORD, SECRET: http.token },
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    })
    try {
      const seen = await watchProcesses(new Set([leader.pid ?? 0]), once(leader.stdout, 'data'))
      expect([...seen.commandLines].some(line => shows(line, [PASSWORD]))).toBe(true)
      expect(seen.processes.map(({ environment }) => environment['SECRET'])).toEqual([http.token])
    } finally {
      await end(leader, { group: true })
    }
  })
})

describe('what a server repeats of a secret is shown nowhere', () => {
  const inHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1)
  const inUrl = (text: string) => Buffer.from(text).toString('base64url')

  const passwordOverSsh = async (): Promise<Way> => {
    const destination = await createBare()
    const to = { 'remote-url': withPassword.url(destination), 'known-host-keys': withPassword.knownHosts }
    return { destination, inputs: { 'repository-url': source, 'auth-secret': PASSWORD, ...to }, secrets: [PASSWORD] }
  }
  const keyInCertificate = async (): Promise<Way> => {
    const { inputs, ...way } = await overHttps()
    const { 'client-key': key, 'client-certificate': certificate, ...others } = inputs
    return { ...way, inputs: { ...others, 'client-certificate': `${key}\n${certificate}` } }
  }
  const WAYS: readonly (readonly [string, () => Promise<Way>, (secrets: readonly string[]) => readonly string[]])[] = [
    ['a password as JSON, HTML and base64url', passwordOverSsh, () => [inJson(PASSWORD), inHtml(PASSWORD), inUrl(PASSWORD)]],
    ['lines of the key in `client-certificate`', keyInCertificate, ([, key = '']) => key.split('\n').slice(1, 4)],
  ]
  test.each(WAYS.flatMap(([name, ...way]) => (['relay', 'git'] as const).map(transfer => [name, transfer, ...way] as const)))(
    '%s, transfer %s',
    async (_, transfer, wayOf, formsOf) => {
      const way = await wayOf()
      const forms = formsOf(way.secrets)
      // Each is a form of its own.
      const others = [PASSWORD, Buffer.from(PASSWORD).toString('base64')]
      expect(new Set([...forms, ...others]).size).toBe(forms.length + others.length)
      const file = join(temporaryDirectory(), 'words')
      writeFileSync(file, forms.map((form, index) => `word ${index}: ${form}\n`).join(''))
      installHook(way.destination, 'pre-receive', `cat '${file}' >&2; exit 1`)
      const step = await runMain({ retries: '0', ...way.inputs, transfer }, { secrets: way.secrets, env: { RUNNER_DEBUG: '1' } })
      const report = readFileSync(step.outputs['report-file'] ?? '', 'utf8')
      const log = withoutMaskCommands(step.log)
      const written = [log, step.summary, report, JSON.stringify([step.outputs, step.env, step.state])]
      expect(written.flatMap(text => forms.filter(form => text.includes(form)))).toEqual([])
      for (const index of forms.keys()) expect(log).toContain(`word ${index}: ***`)
      expect(step).toMatchObject({ code: 1, leaks: [], outputs: { rejected: '1' } })
    },
  )
})
