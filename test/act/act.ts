// Runs the reusable workflow and the examples with nektos' act, another runner, against an sshd on loopback: `./script/act`.
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse, stringify } from 'yaml'
import { commit, compareRefs, createBare, createScratch, fsck, git, gitEnvironment, refsOf } from '../support/git-repository.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { REUSABLE } from '../support/workflow-file.ts'

const ROOT = process.cwd()
const ACT = join(ROOT, '.tools/act')
const TIME_LIMIT_MS = 120_000

/** A repository that has the action and its workflow: the only repository on the network of a case. */
interface Home {
  readonly repository: string
  readonly ref: string
}
const OURS: Home = { repository: 'repository-mirroring/repository-mirroring', ref: 'v0' }
const COPY: Home = { repository: 'someone/copy', ref: 'v3' }

/** Each case has two repositories on the server, and the files of the repository whose workflow runs. */
interface Stage {
  readonly server: Sshd
  readonly here: string
  readonly there: string
  readonly files: Record<string, string>
}

interface Ended {
  readonly code: number | null
  readonly log: string
}

interface Case {
  readonly name: string
  readonly event: string
  /** Default: OURS. */
  readonly home?: Home
  /** Creates the commits and files. */
  readonly prepare: (stage: Stage) => Promise<void>
  readonly args?: (stage: Stage) => readonly string[]
  /** Throws if the run has an unexpected result. */
  readonly check: (stage: Stage, ended: Ended) => Promise<void>
}

interface CalledJob {
  uses: string
  with?: Record<string, unknown>
  secrets?: Record<string, string> | 'inherit'
}
interface Workflow {
  jobs: Record<string, CalledJob>
}

/** The inputs that servers need if they do not provide the workflow's repository. */
const actionAt = ({ repository, ref }: Home) => ({ 'action-repository': repository, 'action-ref': ref })
const workflowAt = ({ repository, ref }: Home): string => `${repository}/.github/workflows/mirror.yml@${ref}`

const variable = (name: string): string => `\${{ ${name} }}`

/** An unchanged example, except for the URLs, their keys, and the place of the action, which act does not provide. */
function example(name: string, given: Readonly<Record<string, string>>): string {
  const workflow = parse(readFileSync(join(ROOT, 'examples', name), 'utf8')) as Workflow
  for (const job of Object.values(workflow.jobs)) {
    const own = { 'known-host-keys': variable('vars.MIRROR_HOST_KEYS'), ...actionAt(OURS) }
    job.with = { ...job.with, ...own, ...given }
    if (job.secrets !== 'inherit') job.secrets = { ...job.secrets, token: variable('secrets.HERE_KEY') }
  }
  return stringify(workflow)
}

const urls = ({ server, here, there }: Stage) => ({ 'repository-url': server.url(here), 'remote-url': server.url(there) })

async function expectEqual({ here, there }: Stage, { code }: Ended): Promise<void> {
  if (code !== 0) throw new Error(`act ended with ${code}`)
  for (const directory of [here, there]) await fsck(directory)
  const different = compareRefs(await refsOf(here), await refsOf(there))
  if (different.length > 0) throw new Error(`both sides differ: ${different.join(', ')}`)
  if ((await refsOf(here)).size === 0) throw new Error('there is nothing on either side')
}

async function expectNothingSent({ there }: Stage, { code }: Ended): Promise<void> {
  if (code === 0) throw new Error('act ended with 0')
  if ((await refsOf(there)).size > 0) throw new Error('something was sent')
}

const expectLog = ({ log }: Ended, words: RegExp): void => {
  if (!words.test(log)) throw new Error(`the log does not say ${words}`)
}

const twoBranches = async (directory: string): Promise<void> => {
  for (const branch of ['main', 'dev']) await commit(directory, branch, { files: { 'a.txt': branch } })
}

const CALLER = {
  name: 'Caller',
  on: 'push',
  permissions: { contents: 'read' },
  jobs: {
    mirror: { uses: workflowAt(OURS), with: {}, secrets: {} },
    after: {
      needs: 'mirror',
      'runs-on': 'ubuntu-latest',
      steps: [{ run: 'echo "the status is $STATUS"', env: { STATUS: variable('needs.mirror.outputs.status') } }],
    },
  },
}

/** The plain call, with outputs that a later job reads. */
function caller(given: Readonly<Record<string, string>>, home = OURS): string {
  const mirror = {
    uses: workflowAt(home),
    with: given,
    secrets: { 'auth-secret': variable('secrets.MIRROR_SSH_KEY'), token: variable('secrets.HERE_KEY') },
  }
  return stringify({ ...CALLER, jobs: { ...CALLER.jobs, mirror } })
}

const WORKFLOW = '.github/workflows/workflow.yml'

const cases: readonly Case[] = [
  {
    name: 'the reusable workflow, with its outputs',
    event: 'push',
    prepare: async stage => {
      await twoBranches(stage.here)
      stage.files[WORKFLOW] = caller({ ...urls(stage), 'known-host-keys': stage.server.knownHosts, ...actionAt(OURS) })
    },
    check: async (stage, ended) => {
      await expectEqual(stage, ended)
      expectLog(ended, /the status is updated/)
    },
  },
  {
    name: 'a copy of another owner, with nothing of the original',
    event: 'push',
    home: COPY,
    prepare: async stage => {
      await twoBranches(stage.here)
      stage.files[WORKFLOW] = caller({ ...urls(stage), 'known-host-keys': stage.server.knownHosts, ...actionAt(COPY) }, COPY)
    },
    check: expectEqual,
  },
  {
    name: 'where nobody says where the action is, nothing is taken and nothing is sent',
    event: 'push',
    prepare: async stage => {
      await twoBranches(stage.here)
      stage.files[WORKFLOW] = caller({ ...urls(stage), 'known-host-keys': stage.server.knownHosts })
    },
    check: async (stage, ended) => {
      await expectNothingSent(stage, ended)
      expectLog(ended, /give the inputs "action-repository" and "action-ref"/)
    },
  },
  {
    name: 'a host key that does not match fails the workflow, and nothing is sent',
    event: 'push',
    prepare: async stage => {
      await twoBranches(stage.here)
      stage.files[WORKFLOW] = caller({ ...urls(stage), 'known-host-keys': `SHA256:${'A'.repeat(43)}`, ...actionAt(OURS) })
    },
    check: async (stage, ended) => {
      await expectNothingSent(stage, ended)
      expectLog(ended, /Job failed/)
    },
  },
  {
    name: 'examples/push.yml',
    event: 'push',
    prepare: async stage => {
      await twoBranches(stage.here)
      stage.files[WORKFLOW] = example('push.yml', urls(stage))
    },
    check: expectEqual,
  },
  {
    name: 'examples/pull.yml',
    event: 'workflow_dispatch',
    prepare: async stage => {
      await twoBranches(stage.there)
      stage.files[WORKFLOW] = example('pull.yml', urls(stage))
    },
    check: expectEqual,
  },
  {
    name: 'examples/bidirectional.yml',
    event: 'push',
    prepare: async stage => {
      await commit(stage.here, 'main', { files: { 'a.txt': 'here' } })
      await commit(stage.there, 'theirs', { files: { 'a.txt': 'there' } })
      stage.files[WORKFLOW] = example('bidirectional.yml', { ...urls(stage), 'allow-unrelated': 'true' })
    },
    check: expectEqual,
  },
  {
    name: 'examples/webhook.yml',
    event: 'repository_dispatch',
    prepare: async stage => {
      await twoBranches(stage.there)
      stage.files[WORKFLOW] = example('webhook.yml', urls(stage))
    },
    check: expectEqual,
  },
  {
    name: 'examples/many-mirrors.yml: one mirror that fails does not stop the others',
    event: 'workflow_dispatch',
    prepare: async stage => {
      const { server, here, there } = stage
      await twoBranches(here)
      stage.files[WORKFLOW] = example('many-mirrors.yml', {})
      const shared = { 'repository-url': server.url(here), 'auth-secret': 'MIRROR_SSH_KEY', token: 'HERE_KEY' }
      const mirrors = [
        { name: 'lost', 'remote-url': server.url('/nowhere.git'), retries: 0 },
        { name: 'poor', 'remote-url': server.url(there), 'auth-secret': 'NOT_STORED' },
        { name: 'good', 'remote-url': server.url(there), branches: ['*'] },
      ]
      stage.files['.github/mirrors.yml'] = stringify({ defaults: shared, mirrors })
    },
    check: async (stage, ended) => {
      await expectEqual(stage, { ...ended, code: 0 })
      if (ended.code === 0) throw new Error('act ended with 0')
      expectLog(ended, /the secret NOT_STORED that the file names is not stored/)
      expectLog(ended, /Repository not found/)
      expectLog(ended, /3 mirrors: 2 failed, 1 updated/)
    },
  },
  {
    name: 'examples/verify.yml, of a mirror that is equal',
    event: 'workflow_dispatch',
    prepare: async stage => {
      await twoBranches(stage.here)
      await git(stage.here, ['push', '-q', '--mirror', stage.there])
      stage.files[WORKFLOW] = example('verify.yml', urls(stage))
    },
    check: async (stage, ended) => {
      await expectEqual(stage, ended)
      expectLog(ended, /Up to date: 2 refs are the same on both sides/)
    },
  },
  {
    name: 'examples/verify.yml, of a mirror that is behind: red, and nothing is changed',
    event: 'workflow_dispatch',
    prepare: async stage => {
      await twoBranches(stage.here)
      await git(stage.here, ['push', '-q', stage.there, 'main'])
      await commit(stage.here, 'main', { files: { 'a.txt': 'newer' } })
      stage.files[WORKFLOW] = example('verify.yml', urls(stage))
    },
    check: async ({ here, there }, ended) => {
      if (ended.code === 0) throw new Error('act ended with 0')
      expectLog(ended, /Not in sync: 1 behind, 1 missing/)
      const different = compareRefs(await refsOf(here), await refsOf(there))
      if (different.length !== 2) throw new Error(`something was changed: ${different.join(', ')}`)
    },
  },
  {
    name: 'examples/detect-host-keys.yml',
    event: 'workflow_dispatch',
    prepare: async stage => {
      stage.files[WORKFLOW] = example('detect-host-keys.yml', {})
    },
    args: ({ server, there }) => ['--input', `remote-url=${server.url(there)}`],
    check: async ({ server }, ended) => {
      if (ended.code !== 0) throw new Error(`act ended with ${ended.code}`)
      expectLog(ended, new RegExp(server.hostKeys.ed25519.replace(/[+/]/g, '\\$&')))
    },
  },
]

/** The repository whose workflow runs, in the form that act requires. */
async function checkOut(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await createScratch()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, dirname(name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
  await git(directory, ['add', '--all'])
  await git(directory, ['commit', '-q', '-m', 'Workflow'])
  await git(directory, ['remote', 'add', 'origin', 'https://github.com/group/here.git'])
  return directory
}

/** The current project, as a repository that a runner can fetch: `action.yml`, `dist` and the workflow, at a tag. @returns the directory of all repositories */
async function publishAt({ repository, ref }: Home): Promise<string> {
  const [work, all] = [await createScratch(), temporaryDirectory()]
  for (const name of ['action.yml', 'dist', '.github/workflows/mirror.yml']) cpSync(join(ROOT, name), join(work, name), { recursive: true })
  await git(work, ['add', '--all', '--force'])
  await git(work, ['commit', '-q', '-m', 'Release'])
  await git(work, ['tag', ref])
  await git(all, ['clone', '-q', '--mirror', work, join(all, `${repository}.git`)])
  return all
}

/** Replacements for actions from the network, each at the commit that the workflow names. */
const standIns = [...readFileSync(join(ROOT, REUSABLE), 'utf8').matchAll(/uses: (actions\/(\S+)@\w+)/g)].map(
  ([, action, name]) => [action, `test/act/${name}`] as const,
)

async function runAct({ event, home = OURS }: Case, directory: string, server: Sshd, args: readonly string[]): Promise<Ended> {
  const [user, repositories] = [temporaryDirectory(), await publishAt(home)]
  const secrets = {
    MIRROR_SSH_KEY: server.privateKey,
    UPSTREAM_TOKEN: server.privateKey,
    MIRROR_TOKEN: server.privateKey,
    HERE_KEY: server.privateKey,
  }
  const flags = [
    ...['-C', directory, '-P', 'ubuntu-latest=-self-hosted', '--no-cache-server', '--action-cache-path', join(user, 'cache')],
    ...['--local-repository', `${home.repository}@${home.ref}=${ROOT}`],
    ...standIns.flatMap(([action, directory]) => ['--local-repository', `${action}=${join(ROOT, directory)}`]),
    ...[
      '--env',
      `ACT_REPOSITORIES=${repositories}`,
      '--env',
      `ACT_ARTIFACTS=${join(user, 'artifacts')}`,
      '--var',
      `MIRROR_HOST_KEYS=${server.knownHosts.trim()}`,
    ],
    // By name: the values are in act's environment.
    ...Object.keys(secrets).flatMap(name => ['--secret', name]),
  ]
  const env = { ...gitEnvironment(), ...secrets, HOME: user, XDG_CONFIG_HOME: user, XDG_CACHE_HOME: user }
  return new Promise((resolve, reject) => {
    const child = spawn(ACT, [event, ...flags, ...args], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    // The whole group: act starts programs of its own.
    const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), TIME_LIMIT_MS)
    let log = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text
      })
    }
    child.on('error', reject)
    child.on('close', code => {
      clearTimeout(timer)
      resolve({ code, log })
    })
  })
}

/** Resolves with the error; null if there was none. */
async function runCase(one: Case, server: Sshd): Promise<string | null> {
  const { prepare, args = () => [], check } = one
  const stage: Stage = { server, here: await createBare(), there: await createBare(), files: {} }
  await prepare(stage)
  const ended = await runAct(one, await checkOut(stage.files), server, args(stage))
  if (ended.log.includes(server.privateKey.split('\n')[2] ?? '')) return 'the log shows the private key'
  try {
    await check(stage, ended)
    return null
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${ended.log}`
  }
}

const server = await startSshd()
let failed = 0
try {
  for (const one of cases) {
    const start = performance.now()
    const problem = await runCase(one, server)
    if (problem !== null) failed++
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    process.stdout.write(`${one.name}: ${problem === null ? 'passed' : 'failed'} (${seconds} s)\n${problem === null ? '' : `${problem}\n`}`)
  }
} finally {
  await server.stop()
}
process.stdout.write(`${cases.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
