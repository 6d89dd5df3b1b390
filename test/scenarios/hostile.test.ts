// Steps with many mirrors that lead to hostile servers, and a good one at the end: each fails within its limits, the next one runs, and all of it is reported, in little memory.
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { Kind } from '../../src/errors/kinds.ts'
import { encodePacket } from '../../src/wire/pkt-line.ts'
import { commit, copyInto, createBare, git, refsOf } from '../support/git-repository.ts'
import { compressed, type Endless, filled, forever, type Part, type Script, say } from '../support/hostile-bytes.ts'
import {
  CAPABLE,
  CONTRADICTORY,
  DESTINATION_ROWS,
  EMPTY,
  ENDLESS,
  type GitRow,
  LARGE_FILE,
  LISTED,
  listed,
  PACKS_OF_GIT,
  packOfCommit,
  planOf,
  SOURCE_ROWS,
} from '../support/hostile-git-rows.ts'
import { countRows, type Expected, type Judged, MAX_BYTES, MOST_SENT, shareSetup, testRows } from '../support/hostile-judge.ts'
import type { Role } from '../support/hostile-sides.ts'
import { type SshPlan, startHostileSsh } from '../support/hostile-ssh.ts'
import { SSH_ROWS } from '../support/hostile-ssh-rows.ts'
import { type HostileMirror, runHostileStep } from '../support/hostile-step.ts'
import { startHostileWeb, type WebPlan } from '../support/hostile-web.ts'
import { WEB_ROWS, WEB_ROWS_OF_GIT } from '../support/hostile-web-rows.ts'
import { differences } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** A hostile server, and the failure that must follow. */
interface Row extends Expected {
  /** Time alone ends it. */
  readonly isTime: boolean
  /** Left out for a server over HTTPS. */
  readonly ssh?: SshPlan
  readonly web?: WebPlan
}

const shared = shareSetup()

/** Part of the bytes that a server sends at full speed before time ends it: from then on it sends a piece each time the clock moves. */
const PART_OF_TIMED = 64

/** Starts the server of a row. @returns how a mirror reaches it */
async function serve({ ssh, web = {}, isTime }: Row, most: number) {
  const server = shared.stopAtEnd(ssh === undefined ? await startHostileWeb(shared.certificates) : await startHostileSsh())
  Object.assign(server.noted, { most: isTime ? most / PART_OF_TIMED : most })
  if ('target' in server) server.plan = ssh ?? {}
  else server.plan = web
  return 'target' in server
    ? { server, url: `ssh://git@127.0.0.1:${server.target.port}/r`, knownHosts: server.knownHosts, secret: server.privateKey }
    : { server, url: `${server.origin}/r.git`, knownHosts: '', secret: 'hunter2-of-the-hostile-server' }
}

/** Runs a step whose mirrors lead to these servers on one side. */
async function runAgainst(role: Role, rows: readonly Row[], { most = MOST_SENT, transfer = 'relay', lfs = 'false' } = {}): Promise<Judged> {
  const served = await Promise.all(rows.map(row => serve(row, most)))
  const [nowhere, to] = [await createBare(), await createBare()]
  const mirrors = served.map(
    ({ url, server }, index): HostileMirror => ({
      inputs:
        role === 'source'
          ? { 'repository-url': url, token: 'BAD_SECRET', 'remote-url': nowhere }
          : { 'repository-url': shared.here, 'remote-url': url, 'auth-secret': 'BAD_SECRET' },
      server,
      isTime: rows[index]?.isTime ?? false,
    }),
  )
  const inputs = {
    ...{ transfer, lfs, retries: '0', 'timeout-minutes': '7200', 'ca-certificate': shared.certificates.ca },
    'known-host-keys': served.map(({ knownHosts }) => knownHosts).join('\n'),
  }
  const env = { BAD_SECRET: served[0]?.secret ?? '' }
  const step = await runHostileStep(
    mirrors,
    { 'repository-url': shared.here, 'remote-url': to },
    { inputs, env, isClockHeld: transfer === 'relay' },
  )
  expect((await refsOf(nowhere)).size).toBe(0)
  return { step, mirrors, side: role === 'source' ? 'here' : 'there', good: { from: shared.here, to } }
}

/** The faults of a destination show once it is pushed to; before, its refs are read as those of a source. */
const planAt = <T extends SshPlan & WebPlan>(role: Role, plan: T): T => {
  const { raw, bytes } = plan
  if (role === 'source' || raw !== undefined) return plan
  const named = (part: Part): Part => (typeof part === 'string' ? part.replace('upload-pack', 'receive-pack') : part)
  return { greeting: CAPABLE, answers: [EMPTY], ...plan, only: 'receive-pack', ...(bytes !== undefined && { bytes: bytes.map(named) }) }
}

/** The code before git's protocol is the same for both sides, so each side has every second row. */
const isOfRole = (role: Role) => (_: unknown, index: number) => index % 2 === (role === 'source' ? 0 : 1)
/** A fault that a source may have in several phases is had over each protocol by turns, from one phase to the next. */
const isOver = (protocol: 'ssh' | 'https') => (row: GitRow) => {
  const [first = row, ...others] = SOURCE_ROWS.filter(({ what }) => what === row.what)
  if (others.length === 0 || row.kind !== row.overHttps) return true
  const turn = [first, ...others].indexOf(row) + SOURCE_ROWS.indexOf(first)
  return turn % 2 === (protocol === 'ssh' ? 0 : 1)
}
const isTime = (kind: Kind, what: string): boolean => kind === 'timed-out' || what === 'dripping'

describe.each(['source', 'destination'] as const)('the %s', role => {
  const gitRows = (protocol: 'ssh' | 'https') =>
    (role === 'source' ? SOURCE_ROWS.filter(isOver(protocol)) : DESTINATION_ROWS).filter(({ isFar }) => !isFar)
  const named = (phase: string, what: string) => `${phase}: ${what}`

  describe('over ssh', () => {
    const rows = [
      ...SSH_ROWS.filter(isOfRole(role)).map(
        ([phase, what, kind, ssh]): Row => ({ name: named(phase, what), kind, isTime: isTime(kind, what), ssh: planAt(role, ssh) }),
      ),
      ...gitRows('ssh').map(
        (row): Row => ({ name: named(row.phase, row.what), kind: row.kind, isTime: row.isTime, ssh: planOf(role, row) }),
      ),
    ]
    testRows(rows, () => runAgainst(role, rows))
  })

  describe('over https', () => {
    const rows = [
      ...[...WEB_ROWS, ...WEB_ROWS_OF_GIT]
        .filter(isOfRole(role))
        .map(([phase, what, kind, web]): Row => ({ name: named(phase, what), kind, isTime: isTime(kind, what), web: planAt(role, web) })),
      ...gitRows('https').map(
        (row): Row => ({ name: named(row.phase, row.what), kind: row.overHttps, isTime: row.isTime, web: planOf(role, row) }),
      ),
    ]
    testRows(rows, () => runAgainst(role, rows))
  })
})

/** A server that gives good answers, then one without an end. */
const answering = (good: readonly Script[], last: Endless): WebPlan => {
  const left = [...good]
  return {
    answer: ({ url = '', method }, response, noted) => {
      const [, service] = /git-((?:upload|receive)-pack)/.exec(url) ?? []
      const script = left.shift()
      const type = `application/x-git-${service}-${method === 'GET' ? 'advertisement' : 'result'}`
      response.writeHead(200, { 'content-type': type, 'content-encoding': script === undefined ? 'gzip' : 'identity' })
      void say(response, script ?? compressed(last), noted)
    },
  }
}
const endless = (name: string, last: Endless, ...good: Script[]): Row => ({
  name: `${name} without an end`,
  kind: 'answer-too-large',
  isTime: false,
  web: answering(good, last),
})

describe('by git itself', () => {
  /** Bytes after which a server cuts the connection. Compressed, as in HTTP here, they are a gigabyte. */
  const MOST = { ssh: 2 ** 27, web: 2 ** 24 }
  const kind = 'answer-too-large' as const

  describe('the source, over https', () => {
    const rows = [
      {
        name: '100 Continue without an end',
        kind,
        isTime: false,
        web: { bytes: [forever(Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'))] },
      } satisfies Row,
      endless('refs of protocol v2', ENDLESS.refsOfV2, CAPABLE),
    ]
    testRows(rows, () => runAgainst('source', rows, { most: MOST.web, transfer: 'git' }))
  })

  describe.each(['https', 'ssh'] as const)('the pack of the source, over %s', protocol => {
    // Git reads a pack with the same code over both, so they take turns.
    const rows = PACKS_OF_GIT.filter((_, index) => index % 2 === (protocol === 'ssh' ? 1 : 0)).map(([name, kind, script]): Row => {
      const plan = { greeting: CAPABLE, answers: [LISTED], objects: script }
      return { name, kind, isTime: false, ...(protocol === 'ssh' ? { ssh: plan } : { web: plan }) }
    })
    testRows(rows, () => runAgainst('source', rows, { most: 2 ** 29, transfer: 'git' }))
  })

  describe('the pack of the source, in the search for LFS objects', () => {
    // The relay reads the messages itself, and what is no error of the network is one of the protocol.
    const rows = PACKS_OF_GIT.filter(([, kind, script]) => kind !== 'answer-too-large' && script !== LARGE_FILE).map(
      ([name, kind, script]): Row => {
        const web = { greeting: CAPABLE, answers: [LISTED], objects: script }
        return { name, kind: kind === 'remote-error' || name === 'no pack' ? 'protocol-error' : kind, isTime: false, web }
      },
    )
    testRows(rows, () => runAgainst('source', rows, { most: 2 ** 29, lfs: 'true' }))
  })

  describe('the destination, over https', () => {
    const rows = [endless('refs, once it is pushed to,', ENDLESS.refs, CAPABLE, EMPTY)]
    testRows(rows, () => runAgainst('destination', rows, { most: MOST.web, transfer: 'git' }))
  })

  describe('the destination, over ssh', () => {
    const [first, next] = ENDLESS.refs
    const ssh: SshPlan = { greeting: CAPABLE, answers: [EMPTY], receive: { greeting: [first, forever(next)] } }
    const contradictory: SshPlan = { ...ssh, receive: { greeting: CONTRADICTORY } }
    const rows: Row[] = [
      { name: 'refs without an end, once it is pushed to', kind, isTime: false, ssh },
      { name: 'refs without an end, and the sign that there are none', kind: 'remote-error', isTime: false, ssh: contradictory },
    ]
    testRows(rows, () => runAgainst('destination', rows, { most: MOST.ssh, transfer: 'git' }))
  })
})

/** The real limits take most memory. Others are small in hostile-git.test.ts. */
describe('limits that are far away', () => {
  describe.each([
    ['source', 'list of refs: peeled tags without an end', 'answer-too-large'],
    ['destination', 'report: lines without an end', 'protocol-error'],
  ] as const)('the %s, over https: %s', (role, name, kind) => {
    const plans = (role === 'source' ? SOURCE_ROWS : DESTINATION_ROWS).filter(({ phase, what }) => `${phase}: ${what}` === name)
    const rows = plans.map((row): Row => ({ name, kind, isTime: false, web: planOf(role, row) }))
    testRows(rows, () => runAgainst(role, rows, { most: 2 ** 28 }))
  })

  describe('a bomb of refs', () => {
    const [first] = ENDLESS.refs
    const rows = [endless('refs of no interest', [first, encodePacket(filled(`${'a'.repeat(40)} refs/`, 4000))])]
    testRows(rows, () => runAgainst('source', rows))
  })
})

test('a source that sends 400 MiB in few bytes, asked whether it has the file of the running workflow', async () => {
  const file = '.github/workflows/pull.yml'
  const [here, there, to] = [await createBare(join(temporaryDirectory(), 'o/r.git')), await createBare(), await createBare()]
  const first = await commit(here, 'main', { files: { [file]: 'on: schedule\n' } })
  copyInto(there, here)
  const tip = await commit(there, 'main', { files: { [file]: null } })
  const { stdout: content } = await git(there, ['cat-file', 'commit', tip])
  const ofTip = packOfCommit(Buffer.from(`${content}\n`))
  const server = shared.stopAtEnd(await startHostileWeb(shared.certificates))
  server.plan = { greeting: CAPABLE, answers: [listed(tip), ofTip, ofTip, LARGE_FILE] }
  const pull = { 'repository-url': here, 'remote-url': `${server.origin}/r.git`, direction: 'pull', 'auth-secret': 'BAD_SECRET' }
  const inputs = { transfer: 'relay', lfs: 'false', retries: '0', 'ca-certificate': shared.certificates.ca }
  const env = {
    ...{ BAD_SECRET: 'hunter2-of-the-hostile-server', GITHUB_REPOSITORY: 'o/r' },
    GITHUB_WORKFLOW_REF: `o/r/${file}@refs/heads/main`,
  }
  const mirrors: HostileMirror[] = [{ inputs: pull, server, isTime: false }]
  const step = await runHostileStep(mirrors, { 'repository-url': shared.here, 'remote-url': to }, { inputs, env, isClockHeld: false })
  // The list of refs, the commits, the commit alone, its tree.
  expect(server.asked.filter(path => !path.includes('?'))).toHaveLength(4)
  expect(step.reports[0]?.refs).toMatchObject([
    { ref: 'refs/heads/main', code: 'reserved-branch', reason: expect.stringContaining('it is not known whether') },
  ])
  expect(await refsOf(here)).toEqual(new Map([['refs/heads/main', first]]))
  expect(await differences(shared.here, to)).toEqual([])
  expect(step.peak).toBeLessThan(MAX_BYTES)
})

test('there are 200 hostile servers at least, besides those of hostile-services.test.ts', () => expect(countRows()).toBeGreaterThan(199))
