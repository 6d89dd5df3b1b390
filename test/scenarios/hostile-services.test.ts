// Steps with many mirrors that lead to a hostile forge or server of LFS objects, and a good one at the end: as in hostile.test.ts.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import type { Kind } from '../../src/errors/kinds.ts'
import { commit, createBare, refsOf } from '../support/git-repository.ts'
import { say } from '../support/hostile-bytes.ts'
import { CAPABLE, LISTED } from '../support/hostile-git-rows.ts'
import { type Expected, expectWhole, type Judged, MOST_SENT, shareSetup, testRows } from '../support/hostile-judge.ts'
import { CONTENT, lfsPlan, OBJECT } from '../support/hostile-lfs.ts'
import { DESTINATION_ROWS, isOfStep, SOURCE_ROWS } from '../support/hostile-lfs-rows.ts'
import { type HostileMirror, runHostileStep } from '../support/hostile-step.ts'
import { startHostileWeb, type WebPlan } from '../support/hostile-web.ts'
import { WEB_ROWS, WEB_ROWS_OF_FORGES } from '../support/hostile-web-rows.ts'
import { compareObjects } from '../support/lfs-repository.ts'
import { objectFile } from '../support/lfs-server.ts'

const shared = shareSetup()

/** A row for the API of a forge. */
type ForgeRow = readonly [phase: string, what: string, kind: Kind, plan: WebPlan]

/** A step with a mirror for each row, all from repositories of one forge. */
function testForge(plans: readonly ForgeRow[]): void {
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
        isTime: false,
      }),
    )
    const env = { BAD_SECRET: 'hunter2-of-the-hostile-server', GITHUB_SERVER_URL: server.origin, GITHUB_API_URL: `${server.origin}/api/v3` }
    const inputs = { lfs: 'false', retries: '0', 'ca-certificate': shared.certificates.ca }
    const step = await runHostileStep(mirrors, { 'repository-url': shared.here, 'remote-url': to }, { inputs, env, isClockHeld: false })
    expect((await refsOf(nowhere)).size).toBe(0)
    return { step, mirrors, side: 'here', good: { from: shared.here, to } }
  })
}

describe('the API of a forge', () => {
  /** Rows that the answer to one request makes. Others are those of any server over HTTPS. */
  const all = [...WEB_ROWS, ...WEB_ROWS_OF_FORGES].map(([phase, what, kind, plan, forge = kind]): ForgeRow => [phase, what, forge, plan])
  const plans = all.filter(([, , kind, { answer, bytes }]) => kind !== 'timed-out' && (answer ?? bytes) !== undefined)
  // These take most memory, which a run does not give back at once.
  const isAlone = ([, what]: ForgeRow) => what === 'lists within lists'
  describe.each([
    ['many', plans.filter(plan => !isAlone(plan))],
    ['lists within lists alone', plans.filter(isAlone)],
  ])('%s', (_, some) => testForge(some))
})

describe('the server of LFS objects', () => {
  describe.each([
    ['source', SOURCE_ROWS.filter(isOfStep)],
    ['destination', DESTINATION_ROWS.filter(isOfStep)],
  ] as const)('of the %s', (role, rows) => {
    let judged: Judged
    beforeAll(async () => {
      const from = await createBare()
      const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${OBJECT.oid}\nsize ${OBJECT.size}\n`
      await commit(from, 'main', { files: { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n', 'a.bin': pointer } })
      mkdirSync(dirname(objectFile(from, OBJECT.oid)), { recursive: true })
      writeFileSync(objectFile(from, OBJECT.oid), CONTENT)
      const to = await createBare()
      const mirrors = await Promise.all(
        rows.map(async ([phase, , , fault]): Promise<HostileMirror> => {
          const server = shared.stopAtEnd(await startHostileWeb(shared.certificates))
          server.plan = lfsPlan(server, role, { [phase]: fault })
          Object.assign(server.noted, { most: 2 ** 29 })
          const url = `${server.origin}/lfs`
          const sides = { 'repository-url': from, 'remote-url': await createBare() }
          return { inputs: { ...sides, [role === 'source' ? 'lfs-url' : 'remote-lfs-url']: url }, server, isTime: false }
        }),
      )
      const inputs = { retries: '0', 'ca-certificate': shared.certificates.ca }
      const step = await runHostileStep(mirrors, { 'repository-url': from, 'remote-url': to }, { inputs, env: {}, isClockHeld: false })
      for (const {
        inputs: { 'remote-url': directory = '' },
      } of mirrors)
        expect((await refsOf(directory)).size).toBe(0)
      judged = { step, mirrors, side: role === 'source' ? 'here' : 'there', good: { from, to } }
    })

    test.each(rows.map(([phase, what, kind], index) => [phase, what, kind, index] as const))('%s: %s: %s', (_, __, kind, index) => {
      const [ref] = judged.step.reports[index]?.refs ?? []
      expect([kind].flat()).toContain(ref?.code)
      const { noted } = (judged.mirrors[index] as HostileMirror).server
      expect(noted.taken).toBeLessThan(noted.most ?? 0)
    })

    test('the next mirror runs, all of it is reported, and memory is small', async () => {
      await expectWhole(judged, rows.length)
      expect(await compareObjects(judged.good.from, judged.good.to)).toEqual([])
    })
  })
})
