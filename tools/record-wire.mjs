// Records test/fixtures/wire/*.json again: the answers of real servers while the relay mirrors a small repository with every kind of change.
// Needs the programs that ./script/test installs. Run it with `npm run record`.
import { writeFileSync } from 'node:fs'
import { parseRemoteUrl } from '../src/remote/url.ts'
import { httpTransport } from '../src/transport/http.ts'
import { localTransport } from '../src/transport/local.ts'
import { startDulwich } from '../test/support/dulwich.ts'
import { daemonTransport } from '../test/support/git-daemon.ts'
import { startGitHttp } from '../test/support/git-http.ts'
import { commitAll, createBare, git, gitEnvironment } from '../test/support/git-repository.ts'
import { startJgitDaemon } from '../test/support/jgit.ts'
import { recordingTransport, runRelay } from '../test/support/recording.ts'

const IDLE_MS = 20_000

/** At the source: a branch with new commits, a new branch, an annotated tag, and a merged branch that was deleted. */
async function prepare(source, destination, isFirst) {
  const lines = count => Array.from({ length: count }, (_, line) => `line ${line}\n`).join('')
  await commitAll(source, [
    { branch: 'main', files: { a: lines(20) } },
    { branch: 'merged', parents: [0], files: { b: lines(5) } },
    { branch: 'main', parents: [0, 1], files: { a: lines(30) } },
  ])
  await git(source, ['config', 'uploadpack.allowFilter', 'true'])
  if (!isFirst) await git(destination, ['fetch', '-q', source, 'refs/heads/*:refs/heads/*'])
  await commitAll(source, [
    { branch: 'main', files: { a: lines(40) } },
    { branch: 'main', files: { a: lines(50) } },
    { branch: 'side', parents: [], files: { c: 'new\n' } },
  ])
  await git(source, ['tag', '-m', 'annotated', 'v1', 'main~1'])
  await git(source, ['branch', '-D', 'merged'])
}

async function record(name, how, { source, destination, isFirst = false }, transportTo) {
  await prepare(source, destination, isFirst)
  const conversations = []
  const [here, there] = [
    ['here', source],
    ['there', destination],
  ].map(([side, directory]) => recordingTransport(transportTo(directory, side), side, conversations))
  const outcomes = await runRelay(here, there)
  here.close()
  there.close()
  const left = [...outcomes].filter(([, { reason }]) => reason !== null)
  if (left.length > 0) throw new Error(`${name}: ${JSON.stringify(left)}`)
  writeFileSync(`test/fixtures/wire/${name}.json`, `${JSON.stringify({ how, conversations }, null, 1)}\n`)
  console.log(`${name}: ${conversations.length} conversations`)
}

const pair = async create => ({ source: await create('source'), destination: await create('destination') })
const gitVersion = (await git('/', ['--version'])).stdout
const local = protocol => (path, side) => {
  const transport = localTransport({ side, path, environment: gitEnvironment(), hide: text => text, idleTimeoutMs: IDLE_MS })
  return { ...transport, open: (service, asked) => transport.open(service, Math.min(asked, protocol)) }
}
const overHttp = (url, ca) => (directory, side) =>
  httpTransport({
    side,
    url: parseRemoteUrl(url(directory.replace(/^.*\/(.*)\.git$/, '$1')), { allowInsecureHttp: true }),
    username: '',
    secret: null,
    caCertificate: ca,
    clientCertificate: null,
    clientKey: null,
    environment: {},
    hide: text => text,
    idleTimeoutMs: IDLE_MS,
  })

for (const protocol of [0, 2])
  await record(`git-v${protocol}`, `${gitVersion}, on one machine, protocol v${protocol}`, await pair(() => createBare()), local(protocol))

const jgit = await startJgitDaemon()
for (const protocol of [0, 2]) {
  const places = await pair(name => jgit.createRepository(`${name}${protocol}`))
  await record(`jgit-v${protocol}`, `JGit's daemon, protocol v${protocol}`, places, (directory, side) => {
    const path = jgit.path(directory.replace(/^.*\/(.*)\.git$/, '$1'))
    const transport = daemonTransport({ host: '127.0.0.1', port: jgit.port, path, side })
    return { ...transport, open: (service, asked) => transport.open(service, Math.min(asked, protocol)) }
  })
}
await jgit.stop()

const http = await startGitHttp()
await record(
  'git-http-v2',
  `${gitVersion}, git http-backend behind nginx, protocol v2`,
  await pair(name => http.createRepository(name)),
  (directory, side) => {
    const url = http.url(directory.replace(/^.*\/(.*)\.git$/, '$1'))
    return httpTransport({
      side,
      url: parseRemoteUrl(url, { allowInsecureHttp: false }),
      username: http.user,
      secret: http.token,
      caCertificate: http.caPem,
      clientCertificate: null,
      clientKey: null,
      environment: {},
      hide: text => text,
      idleTimeoutMs: IDLE_MS,
    })
  },
)
await http.stop()

const dulwich = await startDulwich()
// A first mirror: its filter omits the commits that distinguish one history from another.
const first = { ...(await pair(name => dulwich.createRepository(name))), isFirst: true }
await record('dulwich-http', "Dulwich's web server, protocol v0, a first mirror", first, overHttp(dulwich.url, null))
await dulwich.stop()
