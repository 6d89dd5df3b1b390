// Steps with many mirrors that lead to a hostile forge or server of LFS objects, and a good one at the end: as in hostile.test.ts.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import type { Kind } from '../../src/errors/kinds.ts'
import { REASON_CHARACTERS } from '../../src/limits/limits.ts'
import { generateKeyFiles } from '../../src/ssh/key-generation.ts'
import { commit, createBare, refsOf } from '../support/git-repository.ts'
import { say } from '../support/hostile-bytes.ts'
import { CAPABLE, LISTED } from '../support/hostile-git-rows.ts'
import { type Expected, expectWhole, type Judged, MOST_SENT, shareSetup, testRows } from '../support/hostile-judge.ts'
import { CONTENT, lfsPlan, OBJECT } from '../support/hostile-lfs.ts'
import {
  AUTHENTICATE_ROWS,
  type AuthenticateRow,
  DESTINATION_ROWS,
  isOfStep,
  type LfsRow,
  SOURCE_ROWS,
} from '../support/hostile-lfs-rows.ts'
import type { Role } from '../support/hostile-sides.ts'
import { startHostileSsh } from '../support/hostile-ssh.ts'
import { type HostileMirror, runHostileStep } from '../support/hostile-step.ts'
import { startHostileWeb, type WebPlan } from '../support/hostile-web.ts'
import { WEB_ROWS, WEB_ROWS_OF_FORGES } from '../support/hostile-web-rows.ts'
import { compareObjects } from '../support/lfs-repository.ts'
import { objectFile, storedObjects } from '../support/lfs-server.ts'

const shared = shareSetup()

/** A row for the API of a forge. */
type ForgeRow = readonly [phase: string, what: string, kind: Kind, plan: WebPlan]

/** A step with a mirror for each row, all from repositories of one forge. @param isTime time alone ends them */
function testForge(plans: readonly ForgeRow[], isTime = false): void {
  const rows = plans.map(([phase, what, kind]): Expected => ({ name: `${phase}: ${what}`, kind }))

  /** A good server of git, with an API that does for each repository what its row says. */
  const forge: WebPlan = {
    answer: (message, response, noted) => {
      const { url = '', method, socket } = message
      const [, index] = /^\/api\/v3\/repos\/o\/r(\d+)\//.exec(url) ?? []
      const [, , , plan] = plans[Number(index ?? -1)] ?? []
      if (plan?.bytes !== undefined) return void say(socket, plan.bytes, noted)
      if (plan?.answer !== undefined) return plan.answer(message, response, noted)
      response.writeHead(200, { 'content-type': `application/x-git-upload-pack-${method === 'GET' ? 'advertisement' : 'result'}` })
      void say(response, method === 'GET' ? CAPABLE : LISTED, noted)
    },
  }

  testRows(rows, async () => {
    const server = shared.stopAtEnd(await startHostileWeb(shared.certificates))
    server.plan = forge
    Object.assign(server.noted, { most: MOST_SENT * rows.length })
    const [nowhere, to] = [await createBare(), await createBare()]
    const mirrors = rows.map(
      (_, index): HostileMirror => ({
        inputs: {
          'repository-url': `${server.origin}/o/r${index}.git`,
          token: 'BAD_SECRET',
          'remote-url': nowhere,
          'protected-only': 'true',
        },
        server,
        isTime,
      }),
    )
    const env = { BAD_SECRET: 'hunter2-of-the-hostile-server', GITHUB_SERVER_URL: server.origin, GITHUB_API_URL: `${server.origin}/api/v3` }
    const inputs = { lfs: 'false', retries: '0', 'ca-certificate': shared.certificates.ca }
    const step = await runHostileStep(mirrors, { 'repository-url': shared.here, 'remote-url': to }, { inputs, env, isClockHeld: isTime })
    expect((await refsOf(nowhere)).size).toBe(0)
    return { step, mirrors, side: 'here', good: { from: shared.here, to } }
  })
}

describe('the API of a forge', () => {
  /** Every second row that hostile.test.ts has for git's servers, as the code is the same, and those that a forge shows in another way. */
  const ofAll = WEB_ROWS.filter(([, , , , forge], index) => forge !== undefined || index % 2 === 0)
  /** Rows that the answer to one request makes. Others are those of any server over HTTPS. */
  const plans = [...ofAll, ...WEB_ROWS_OF_FORGES]
    .map(([phase, what, kind, plan, forge = kind]): ForgeRow => [phase, what, forge, plan])
    .filter(([, , , { answer, bytes }]) => (answer ?? bytes) !== undefined)
  const isTimed = ([, , kind]: ForgeRow) => kind === 'timed-out'
  // These take most memory, which a run does not give back at once.
  const isAlone = ([, what]: ForgeRow) => what === 'lists within lists'
  describe('many', () => testForge(plans.filter(plan => !isTimed(plan) && !isAlone(plan))))
  describe('lists within lists alone', () => testForge(plans.filter(isAlone)))
  describe('by time', () => testForge(plans.filter(isTimed), true))
})

describe('the server of LFS objects', () => {
  /** A server of LFS objects: its fault, and the failure of the refs that must follow. */
  interface LfsServer {
    readonly name: string
    readonly kind: LfsRow[2]
    /** Starts it. @param to what the mirror leads to */
    serve(from: string, to: string): Promise<Pick<HostileMirror, 'server' | 'inputs'>>
  }
  const overHttps = (role: Role, [phase, what, kind, fault]: LfsRow): LfsServer => ({
    name: `${phase}: ${what}`,
    kind,
    serve: async (from, to) => {
      const server = shared.stopAtEnd(await startHostileWeb(shared.certificates))
      server.plan = lfsPlan(server, role, { [phase]: fault })
      const url = `${server.origin}/lfs`
      return { server, inputs: { 'repository-url': from, 'remote-url': to, [role === 'source' ? 'lfs-url' : 'remote-lfs-url']: url } }
    },
  })
  const overSsh = (role: Role, [what, kind, lfs]: AuthenticateRow): LfsServer => ({
    name: `git-lfs-authenticate: ${what}`,
    kind,
    serve: async (from, to) => {
      const server = shared.stopAtEnd(await startHostileSsh())
      server.plan = { lfs, repository: role === 'source' ? from : to }
      const url = `ssh://git@127.0.0.1:${server.target.port}/r`
      const sides =
        role === 'source'
          ? { 'repository-url': url, 'remote-url': to, token: 'BAD_SECRET' }
          : { 'repository-url': from, 'remote-url': url, 'auth-secret': 'BAD_SECRET' }
      return { server, inputs: { ...sides, 'known-host-keys': server.knownHosts } }
    },
  })
  const isTimed = ({ kind }: LfsServer) => kind === 'lfs-stalled'

  describe.each([
    ['source', SOURCE_ROWS],
    ['destination', DESTINATION_ROWS],
  ] as const)('of the %s', (role, rows) => {
    const ofRole = [...rows.filter(isOfStep).map(row => overHttps(role, row)), ...AUTHENTICATE_ROWS[role].map(row => overSsh(role, row))]
    describe.each([
      ['at once', ofRole.filter(row => !isTimed(row)), false],
      ['by time', ofRole.filter(isTimed), true],
    ] as const)('%s', (_, servers, isTime) => {
      let judged: Judged
      const destinations: string[] = []
      beforeAll(async () => {
        const from = await createBare()
        const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${OBJECT.oid}\nsize ${OBJECT.size}\n`
        await commit(from, 'main', { files: { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n', 'a.bin': pointer } })
        mkdirSync(dirname(objectFile(from, OBJECT.oid)), { recursive: true })
        writeFileSync(objectFile(from, OBJECT.oid), CONTENT)
        const to = await createBare()
        const mirrors: HostileMirror[] = []
        for (const { serve } of servers) {
          const destination = await createBare()
          const { server, inputs } = await serve(from, destination)
          Object.assign(server.noted, { most: 2 ** 29 })
          destinations.push(destination)
          mirrors.push({ inputs, server, isTime })
        }
        const inputs = { retries: '0', 'ca-certificate': shared.certificates.ca }
        const env = { BAD_SECRET: generateKeyFiles('ed25519', '', null).privateKey }
        const step = await runHostileStep(mirrors, { 'repository-url': from, 'remote-url': to }, { inputs, env, isClockHeld: isTime })
        for (const destination of destinations) expect((await refsOf(destination)).size).toBe(0)
        judged = { step, mirrors, side: role === 'source' ? 'here' : 'there', good: { from, to } }
      })

      test.each(servers.map(({ name, kind }, index) => [name, kind, index] as const))('%s: %s', (_, kind, index) => {
        const { refs: [ref] = [], lfs } = judged.step.reports[index] ?? {}
        expect([kind].flat()).toContain(ref?.code)
        expect(ref?.reason?.length).toBeLessThanOrEqual(REASON_CHARACTERS)
        expect(lfs).toMatchObject({ moved: { objects: 0 } })
        expect(storedObjects(destinations[index] ?? '').size).toBe(0)
        const { noted, open } = (judged.mirrors[index] as HostileMirror).server
        expect(noted.taken).toBeLessThan(noted.most ?? 0)
        expect(open()).toBe(0)
      })

      test('the next mirror runs, all of it is reported, and memory is small', async () => {
        await expectWhole(judged, servers.length)
        expect(await compareObjects(judged.good.from, judged.good.to)).toEqual([])
      })
    })
  })
})
