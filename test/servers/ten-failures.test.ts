import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import type { Kind } from '../../src/errors/kinds.ts'
import { failedReport } from '../../src/report/constructors.ts'
import type { Report } from '../../src/report/report.ts'
import { renderSummary } from '../../src/report/summary.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { commit, commitAll, createBare, fsck, git, installHook, refsOf } from '../support/git-repository.ts'
import { runMirror } from '../support/mirror.ts'
import { render } from '../support/rendered.ts'
import { generateKey, type Sshd, startSshd } from '../support/sshd.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** The page that shows the ten summaries, between markers. `npm run summaries` writes them anew. */
const PAGE = fileURLToPath(new URL('../../docs/troubleshooting.md', import.meta.url))
const WRITE = process.env['WRITE_SUMMARIES'] === '1'

let sshd: Sshd
let web: Server
/** A port at which nobody listens. */
let closed: number
const portOf = (server: Server) => (server.address() as AddressInfo).port

/** Answers as a forge would, by the first part of the path. */
const ANSWERS: Readonly<Record<string, readonly [number, string]>> = {
  refused: [401, 'HTTP Basic: Access denied. The token was incorrect, expired, or improperly scoped.'],
  unknown: [404, 'Repository not found.'],
  broken: [503, 'The service is being updated.'],
}

beforeAll(async () => {
  sshd = await startSshd()
  const start = async () => {
    const server = createServer((request, response) => {
      const [status, text] = ANSWERS[request.url?.split('/')[1] ?? ''] ?? [500, 'no such case']
      response.writeHead(status, { 'content-type': 'text/plain', 'www-authenticate': 'Basic realm="git"' }).end(text)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return server
  }
  web = await start()
  const other = await start()
  closed = portOf(other)
  await new Promise(resolve => other.close(resolve))
})
afterAll(async () => {
  await sshd?.stop()
  await new Promise(resolve => web?.close(resolve))
})

/** A source with a few branches, and a mirror that is in step with it. */
async function inStep(): Promise<{ source: string; destination: string }> {
  const [source, destination] = [await createBare(), await createBare()]
  await commitAll(source, [
    { branch: 'main', files: { a: '1' } },
    { branch: 'feature/login', parents: [0], files: { b: '1' } },
    { branch: 'release/1.0', parents: [0], files: { c: '1' } },
  ])
  await runMirror({ 'repository-url': source, 'remote-url': destination })
  return { source, destination }
}

type Places = Awaited<ReturnType<typeof inStep>>
const overWeb = (path: string, port: number = portOf(web)): RawInputs => ({
  'remote-url': `http://127.0.0.1:${port}/${path}/mirror.git`,
  'allow-insecure-http': 'true',
  'auth-secret': 'not-a-real-token',
})

interface Staged {
  readonly title: string
  /** Kinds that the summary tells of, the most urgent first. */
  readonly kinds: readonly Kind[]
  /** Makes the trouble; gives what the run is told besides its two places. */
  readonly stage: (places: Places) => RawInputs | Promise<RawInputs>
}

const STAGED: readonly Staged[] = [
  {
    title: 'Settings with mistakes',
    kinds: ['settings-invalid'],
    stage: () => ({ prune: 'sometimes', branches: 'refs/heads/main', retries: 'many' }),
  },
  {
    title: 'A server that is not verified yet',
    kinds: ['host-key-unknown'],
    stage: ({ destination }) => ({
      'remote-url': sshd.url(destination),
      'auth-secret': sshd.privateKey,
      'known-host-keys': `example.com ${sshd.hostKeys.ed25519}`,
    }),
  },
  {
    title: 'A key that is not registered at the server',
    kinds: ['ssh-key-refused'],
    stage: async ({ destination }) => ({
      'remote-url': sshd.url(destination),
      'auth-secret': (await generateKey(join(temporaryDirectory(), 'stranger'), 'ed25519')).privateKey,
      'known-host-keys': sshd.knownHosts,
    }),
  },
  { title: 'A token that has expired', kinds: ['credentials-refused'], stage: () => overWeb('refused') },
  { title: 'A mirror that was never created', kinds: ['repository-not-found'], stage: () => overWeb('unknown') },
  { title: 'A server that is down', kinds: ['connection-refused'], stage: () => overWeb('any', closed) },
  { title: 'A server in trouble, tried again', kinds: ['server-error'], stage: () => ({ ...overWeb('broken'), retries: '2' }) },
  {
    title: 'Refs that the server refuses',
    kinds: ['private-email', 'protected-branch'],
    stage: async ({ source, destination }) => {
      await commit(source, 'main', { files: { a: '2' } })
      await commit(source, 'feature/login', { files: { b: '2' } })
      await commit(source, 'release/1.0', { files: { c: '2' } })
      installHook(
        destination,
        'update',
        `case $1 in
        */main) echo "error: GH006: Protected branch update failed for $1." >&2; exit 1;;
        */login) echo "error: GH007: Your push would publish a private email address." >&2; exit 1;;
        esac`,
      )
      return {}
    },
  },
  {
    title: 'A source that has lost most of its branches',
    kinds: ['too-many-deletions'],
    stage: async ({ source }) => {
      await git(source, ['branch', '-D', 'feature/login', 'release/1.0'])
      return { prune: 'all', 'max-deletions': '1', backup: 'false' }
    },
  },
  {
    title: 'Commits that were pushed to the mirror',
    kinds: ['diverged', 'not-pruned'],
    stage: async ({ source, destination }) => {
      await commit(source, 'main', { files: { a: '2' } })
      await commit(source, 'release/1.0', { files: { c: '2' } })
      await commit(destination, 'main', { files: { a: 'theirs' } })
      await commit(destination, 'hotfix', { files: { d: 'theirs' } })
      return { 'keep-divergent': 'true' }
    },
  },
]

/** What differs from run to run is taken out of the report, before it is rendered. */
function steady(report: Report, { source, destination }: Places): Report {
  const oids: string[] = []
  const text = JSON.stringify(report)
    .replaceAll(source, '/srv/git/here.git')
    .replaceAll(destination, '/srv/git/mirror.git')
    .replaceAll(`//${sshd.username}@`, '//git@')
    .replaceAll(`"${sshd.username}@`, '"git@')
    .replaceAll(`\\"${sshd.username}@`, '\\"git@')
    .replaceAll(`\\"${sshd.username}\\"`, '\\"git\\"')
    .replace(/\b[0-9a-f]{40}\b/g, oid => steadyOid(oid, oids))
    .replace(/\[127\.0\.0\.1\]:\d+|127\.0\.0\.1(?::\d+)?/g, 'git.example.com')
    .replace(/SHA256:[\w+/]{43}/g, 'SHA256:…')
    .replace(/MD5:[0-9a-f:]{47}/g, 'MD5:…')
    .replace(/(ssh-ed25519|ecdsa-sha2-nistp256) AAAA[\w+/=]+/g, '$1 AAAA…')
  const whole = JSON.parse(text) as Report
  return { ...whole, durationMs: 900, bytes: whole.bytes > 0 ? 1_200 : 0 }
}

/** The n-th oid that is met becomes the same one in every run. */
function steadyOid(oid: string, met: string[]): string {
  if (!met.includes(oid)) met.push(oid)
  return createHash('sha1')
    .update(String(met.indexOf(oid)))
    .digest('hex')
}

async function summaryOf({ stage }: Staged): Promise<{ report: Report; summary: string }> {
  const places = await inStep()
  const before = await refsOf(places.destination)
  const inputs: RawInputs = { 'repository-url': places.source, 'remote-url': places.destination, ...(await stage(places)) }
  const report = await runMirror(inputs).catch((error: unknown) => failedReport(Failure.from(error), new Date()))
  await fsck(places.destination)
  if (report.failure !== null) expect(await refsOf(places.destination)).toEqual(before)
  return { report, summary: renderSummary(steady(report, places)) }
}

const open = (title: string) => `<!-- failure: ${title} -->`
const CLOSE = '<!-- /failure -->'
const quoted = (summary: string): string =>
  summary
    .trimEnd()
    .split('\n')
    .map(line => `> ${line}`.trimEnd())
    .join('\n')

/** What stands in the page for it; null where there are no markers. */
function shownIn(page: string, title: string): string | null {
  const start = page.indexOf(open(title))
  const end = page.indexOf(CLOSE, start)
  return start < 0 || end < 0 ? null : page.slice(start + open(title).length, end).trim()
}

test.each(STAGED)('$title: the summary says what to do, and the page shows it', async staged => {
  const { report, summary } = await summaryOf(staged)
  expect(['failed', 'partial']).toContain(report.status)
  const page = render(summary)
  const { kinds, title } = staged
  expect(page.links.map(({ address }) => address.split('#')[1])).toEqual(kinds)
  expect(page.text.match(/What to do/g)).toHaveLength(kinds.length)

  const text = readFileSync(PAGE, 'utf8')
  const shown = shownIn(text, title)
  expect(shown).not.toBeNull()
  if (WRITE)
    writeFileSync(
      PAGE,
      text.replace(`${open(title)}\n\n${shown}`.trimEnd(), () => `${open(title)}\n\n${quoted(summary)}`),
    )
  else expect(shown).toBe(quoted(summary))
})
