// A step whose first mirror leads to a hostile server: it fails within its limits, the second one is mirrored, and all of it is reported.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { encodePacket } from '../../src/wire/pkt-line.ts'
import { runMain } from '../support/action-step.ts'
import { commit, createBare, refsOf } from '../support/git-repository.ts'
import { filled, forever } from '../support/hostile-bytes.ts'
import { answer, lfsPlan } from '../support/hostile-lfs.ts'
import { type HostileServers, startHostileServers } from '../support/hostile-sides.ts'
import type { SshPlan } from '../support/hostile-ssh.ts'
import type { WebPlan } from '../support/hostile-web.ts'
import { commitLfs, compareObjects } from '../support/lfs-repository.ts'
import { differences } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const MAX_KIB = 300 * 1024

let servers: HostileServers
let here: string
beforeAll(async () => {
  servers = await startHostileServers()
  here = await createBare()
  await commit(here, 'main', { files: { a: '1' } })
})
afterAll(() => servers?.stop())

const text = (value: string): Buffer =>
  Buffer.concat([Buffer.from([value.length >>> 24, value.length >>> 16, value.length >>> 8, value.length]), Buffer.from(value)])
const x = Buffer.from('x'.repeat(1000))
/** Refs of no interest, beyond a quarter of a gigabyte: some hundred kilobytes as they are sent. */
const bomb = (): Buffer => {
  const line = encodePacket(filled(`${'a'.repeat(40)} refs/`, 4000))
  return gzipSync(Buffer.concat(Array.from({ length: 70_000 }, () => line)), { level: 1 })
}
const compressed: WebPlan = {
  answer: ({ url }, response) => {
    const [, service] = /service=(.+)/.exec(url ?? '') ?? []
    response.writeHead(200, { 'content-type': `application/x-${service}-advertisement`, 'content-encoding': 'gzip' })
    response.end(bomb())
  },
}

test.each<[string, SshPlan | null, WebPlan | null, string]>([
  [
    'ssh: banners without an end',
    { login: (_, wire) => wire.flood(53, Buffer.concat([text(filled('x', 30_000)), text('')]), false) },
    null,
    'answer-too-large',
  ],
  ['ssh: text without an end', { raw: [forever(x)] }, null, 'remote-error'],
  ['ssh: text in the place of packets', { greeting: [forever(x)] }, null, 'protocol-error'],
  ['https: headers without an end', null, { bytes: ['HTTP/1.1 200 OK\r\n', forever(Buffer.from('X-A: b\r\n'))] }, 'protocol-error'],
  ['https: text in the place of packets', null, { greeting: [forever(x)] }, 'protocol-error'],
  ['https: a bomb of refs', null, compressed, 'answer-too-large'],
])('%s', async (_, sshPlan, webPlan, code) => {
  const { ssh, web } = servers
  if (sshPlan !== null) ssh.plan = sshPlan
  if (webPlan !== null) web.plan = webPlan
  const good = await createBare()
  const url = sshPlan === null ? `${web.origin}/r.git` : `ssh://git@127.0.0.1:${ssh.target.port}/r`
  const secret = sshPlan === null ? 'hunter2-of-the-hostile-server' : ssh.privateKey
  const reports = await runStep(here, `remote-url: "${url}", auth-secret: BAD_SECRET`, good, secret)
  expect(reports).toMatchObject([
    { name: 'bad', report: { status: 'failed', failure: { kind: code, side: 'there' } } },
    { name: 'good', report: { status: 'updated' } },
  ])
  expect(await differences(here, good)).toEqual([])
})

test('LFS: an answer about objects without an end', async () => {
  const { web } = servers
  web.plan = lfsPlan(web, 'destination', { batch: answer(200, {}, '{"message":"', forever(x)) })
  Object.assign(web.noted, { taken: 0, most: 2 ** 30 })
  const [source, bad, good] = [await createBare(), await createBare(), await createBare()]
  await commitLfs(source, 'main', { 'a.bin': 1000 })
  const reports = await runStep(source, `remote-url: "${bad}", remote-lfs-url: "${web.origin}/lfs"`, good, '')
  expect(reports).toMatchObject([
    { name: 'bad', report: { status: 'failed', refs: [{ ref: 'refs/heads/main', code: 'answer-too-large' }] } },
    { name: 'good', report: { status: 'updated' } },
  ])
  expect((await refsOf(bad)).size).toBe(0)
  expect(await compareObjects(source, good)).toEqual([])
})

/** The peak of the program alone: that in `resourceUsage` begins with the memory of the process that started it. */
const NOTE_PEAK = `const { existsSync, readFileSync, writeFileSync } = require('node:fs')
process.on('exit', () => {
  const status = '/proc/self/status'
  const own = existsSync(status) && /^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1]
  writeFileSync(directory + '/' + process.pid + '.kib', own || String(process.resourceUsage().maxRSS))
})
`

/** Runs a step with two mirrors of a source: one that fails, and a good one. It must end within its memory, and report both. @returns the reports */
async function runStep(source: string, bad: string, good: string, secret: string): Promise<unknown> {
  const directory = temporaryDirectory()
  const [config, peak] = [join(directory, 'mirrors.yml'), join(directory, 'peak.cjs')]
  writeFileSync(
    config,
    `defaults: { repository-url: "${source}", retries: 0, transfer: relay }\nmirrors:\n- { name: bad, ${bad} }\n- { name: good, remote-url: "${good}" }\n`,
  )
  writeFileSync(peak, `const directory = ${JSON.stringify(directory)}\n${NOTE_PEAK}`)
  const inputs = { config, 'known-host-keys': servers.ssh.knownHosts, 'ca-certificate': servers.ca }
  const step = await runMain(inputs, { env: { BAD_SECRET: secret, NODE_OPTIONS: `--require ${peak}` } })
  expect(step).toMatchObject({ code: 1, leaks: [], outputs: { status: 'partial' } })
  expect(step.summary).toContain('### ⚠️ 2 mirrors: 1 failed, 1 updated')
  const measured = readdirSync(directory).flatMap(name =>
    name.endsWith('.kib') ? [Number(readFileSync(join(directory, name), 'utf8'))] : [],
  )
  expect(measured.length).toBeGreaterThan(0)
  expect(Math.max(...measured)).toBeLessThan(MAX_KIB)
  return JSON.parse(readFileSync(step.outputs['report-file'] ?? '', 'utf8')).mirrors
}
