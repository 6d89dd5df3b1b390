import { execFileSync } from 'node:child_process'
import { createCipheriv } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import type { Place } from '../support/behaviour.ts'
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, copyInto, fsck, git, installHook, refsOf } from '../support/git-repository.ts'
import { differences, type Mirrored, runMirror } from '../support/mirror.ts'
import { httpsPlace, sshPlace } from '../support/places.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'

/** The blobs are noise, which does not compress, so nearly every cut falls into the pack. */
const BLOBS = 13
const BLOB_BYTES = 100_000
/** Together more than a run and sockets hold on their own, so a part of the pack arrives before the rest is sent. */
const LARGE_BLOB_BYTES = 500_000
const SIDES = ['source', 'destination'] as const
type CutSide = (typeof SIDES)[number]

/** Blobs are stored as they are, and packs are streamed: the servers' own work is not what is tested. */
const QUICK = '[core]\n\tbigFileThreshold = 1k\n\tcompression = 0\n[transfer]\n\tunpackLimit = 1\n'

let sshd: Sshd
let http: GitHttp
beforeAll(async () => {
  sshd = await startSshd()
  http = await startGitHttp()
})
afterAll(async () => {
  await Promise.allSettled([sshd, http].map(async server => await server?.stop()))
})

/** Characters without a pattern, the same in every run. */
const noise = (index: number, length: number): string =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, index), Buffer.alloc(16))
    .update(Buffer.alloc((length / 4) * 3))
    .toString('base64')

/** Numbers from 0 up to 1, the same in every run. */
function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Two repositories behind servers: the destination has the first commit, the source a second one with the noise, and one more branch. */
async function prepare(place: Place, blobBytes: number): Promise<{ source: string; destination: string }> {
  const [source, destination] = [await place.create(), await place.create()]
  for (const directory of [source, destination]) appendFileSync(join(directory, 'config'), QUICK)
  const first = await commit(source, 'main', { files: { a: '1' } })
  copyInto(destination, source)
  const blobs = Array.from({ length: BLOBS }, (_, index) => [`noise${index + 1}`, noise(index + 1, blobBytes)])
  await commit(source, 'main', { parents: [first], files: Object.fromEntries(blobs) })
  await git(source, ['branch', 'more', first])
  await git(source, ['repack', '-a', '-d', '-q'])
  return { source, destination }
}

/** Waits until no program of a server works in a repository any more: what it was sent before the cut may still change something. */
async function untilLeft(directory: string): Promise<void> {
  const isInside = (): boolean => {
    if (!existsSync('/proc/self/cwd')) return execFileSync('lsof', ['-w', '-d', 'cwd', '-Fn']).includes(`n${directory}\n`)
    return readdirSync('/proc').some(pid => {
      try {
        return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(directory)
      } catch {
        return false
      }
    })
  }
  const deadline = Date.now() + 20_000
  while (isInside()) {
    if (Date.now() > deadline) throw new Error(`somebody still works in "${directory}"`)
    await delay(20)
  }
}

/** Each object that a ref leads to is there. The whole check reads all of the noise, so it is made once. */
const checkConnectivity = async (directory: string) =>
  await git(directory, [...WITHOUT_GRAPHS, 'fsck', '--connectivity-only', '--no-dangling', '--no-progress'])

/** No repository here has these files, and git starts a program for each to find that out. */
const WITHOUT_GRAPHS = ['-c', 'core.commitGraph=false', '-c', 'core.multiPackIndex=false']

describe.each(['ssh', 'https'] as const)('over %s', protocol => {
  let place: Place
  let realPort: number
  let source: string
  let fresh: string
  beforeAll(async () => {
    place = protocol === 'ssh' ? sshPlace(sshd) : httpsPlace(http, 'git')
    realPort = protocol === 'ssh' ? sshd.port : Number(new URL(http.origin).port)
    const prepared = await prepare(place, BLOB_BYTES)
    source = prepared.source
    fresh = prepared.destination
  })

  let count = 0
  const copy = (): string => {
    const directory = fresh.replace(/\.git$/, `-${count++}.git`)
    cpSync(fresh, directory, { recursive: true })
    return directory
  }

  /** One side behind a proxy. */
  function through(proxy: CuttingProxy, side: CutSide, source: string, destination: string): RawInputs {
    const inputs = place.inputs(source, destination)
    const moved = (text: string | undefined): string => (text ?? '').replaceAll(`:${realPort}`, `:${proxy.port}`)
    const known = inputs['known-host-keys']
    return {
      ...inputs,
      ...(side === 'source' ? { 'repository-url': moved(inputs['repository-url']) } : { 'remote-url': moved(inputs['remote-url']) }),
      ...(known !== undefined && { 'known-host-keys': `${known}\n${moved(known)}` }),
      transfer: 'relay',
      retries: '0',
    }
  }

  /** The same, where the other side is a path: it takes no part in what a cut does. */
  function alone(proxy: CuttingProxy, side: CutSide, destination: string): RawInputs {
    const { token = '', 'auth-secret': secret = '', ...inputs } = through(proxy, side, source, destination)
    return side === 'source'
      ? { ...inputs, token, 'remote-url': destination }
      : { ...inputs, 'auth-secret': secret, 'repository-url': source }
  }

  const directionOf = (side: CutSide) => (side === 'source' ? 'down' : 'up')

  /** A run sends no object again for a ref that is there, so this shows what the cut has left, too. */
  async function checkHealed(destination: string): Promise<void> {
    await checkConnectivity(destination)
    expect(await refsOf(destination)).toEqual(await refsOf(source))
  }

  /** What a report may say, and when. */
  async function judge(report: Mirrored, destination: string): Promise<'as before' | 'as planned'> {
    await untilLeft(destination)
    const [before, planned, now] = await Promise.all([refsOf(fresh), refsOf(source), refsOf(destination)])
    const isAsBefore = now.size === before.size
    expect(now).toEqual(isAsBefore ? before : planned)
    if (report.status === 'updated') {
      expect(isAsBefore).toBe(false)
      expect(report).toMatchObject({ failure: null, inSync: true, outcomes: { main: 'updated', more: 'created' } })
    } else {
      expect(report).toMatchObject({ status: 'failed', inSync: false, failure: { fault: 'network' } })
      // Done, but nobody is left who could tell.
      if (!isAsBefore) expect(report.failure?.message).toContain('it is unknown whether anything was changed')
    }
    return isAsBefore ? 'as before' : 'as planned'
  }

  // Ten points a side: every other over ssh, the others over https.
  test.each(SIDES)('the %s is cut at five points: as before or as planned, the report tells which, and the next run heals', async side => {
    const direction = directionOf(side)
    const whole = await startCuttingProxy({ port: realPort, counted: direction })
    let destination = copy()
    expect(await runMirror(alone(whole, side, destination))).toMatchObject({ status: 'updated', inSync: true })
    const total = whole.passed()
    expect(total).toBeGreaterThan(BLOBS * BLOB_BYTES)
    await whole.close()
    rmSync(destination, { recursive: true })

    const random = numbersFrom(side === 'source' ? 11 : 12)
    const early = Math.floor(1000 + 6000 * random())
    const middle = Array.from({ length: 6 }, (_, index) => Math.floor((total * (index + random())) / 6))
    const ends: string[] = []
    // Over ssh a run takes some more packets than another, or fewer.
    const late = (protocol === 'ssh' ? [90_000, 40_000, 2000] : [2000, 40, 1]).map(left => total - left)
    const points = [early, ...middle, ...late].filter((_, index) => index % 2 === (protocol === 'ssh' ? 0 : 1))
    destination = copy()
    for (const after of points) {
      const proxy = await startCuttingProxy({ port: realPort, counted: direction, after })
      // A cut during the question about LFS makes the run ask for the pack again, so these points do without that question.
      const report = await runMirror({ ...alone(proxy, side, destination), ...(middle.includes(after) && { lfs: 'false' }) })
      const end = await judge(report, destination)
      await proxy.close()
      ends.push(`${after} of ${total}${proxy.wasCut() ? '' : ' (not reached)'}: ${end}, ${report.status}`)
      // A cut after which all is as before leaves the destination to the next cut, so one run heals what all of them have left.
      if (end === 'as before' && after !== points.at(-1)) continue
      // By path, which is quicker: what is healed is what lies there, whichever way the next run comes.
      const healing = { 'repository-url': source, 'remote-url': destination, transfer: 'relay' }
      expect(await runMirror(healing)).toMatchObject({ inSync: true, failure: null })
      if (after === points.at(-1)) expect(await differences(source, destination)).toEqual([])
      else await checkHealed(destination)
      rmSync(destination, { recursive: true })
      destination = copy()
    }
    // Within the pack nothing can have been changed. Before it, a request that reads is sent again where its connection had served an earlier one.
    const within = ends.filter((_, index) => middle.includes(points[index] ?? -1))
    expect(within).toHaveLength(3)
    expect(within.filter(line => !line.endsWith('as before, failed'))).toEqual([])
  })

  test('the destination is cut anywhere before its first byte of the pack: never taken for a refusal', async () => {
    // Every other point over ssh, the others over https.
    let destination = copy()
    for (let after = protocol === 'ssh' ? 1500 : 1560; after < 2600; after += 120) {
      const proxy = await startCuttingProxy({ port: realPort, counted: 'up', after })
      const report = await runMirror(alone(proxy, 'destination', destination))
      const end = await judge(report, destination)
      await proxy.close()
      if (end === 'as before') continue
      await checkConnectivity(destination)
      destination = copy()
    }
    await checkConnectivity(destination)
  })

  test('the destination is cut when it has the whole pack, and before it reports', async () => {
    const destination = copy()
    const [arrived, go] = [join(destination, 'arrived'), join(destination, 'go')]
    installHook(destination, 'pre-receive', `mkdir '${arrived}'; until [ -d '${go}' ]; do sleep 0.01; done`)
    const proxy = await startCuttingProxy({ port: realPort, counted: 'up' })
    const running = runMirror(through(proxy, 'destination', source, destination))
    const deadline = Date.now() + 30_000
    while (!existsSync(arrived) && Date.now() < deadline) await delay(2)
    proxy.cut()
    const report = await running
    // Until now the hook waited, so nothing can have changed while the run looked again.
    expect(report).toMatchObject({ status: 'failed', inSync: false, failure: { fault: 'network', side: 'there' } })
    mkdirSync(go)
    await untilLeft(destination)
    const now = await refsOf(destination)
    expect([await refsOf(fresh), await refsOf(source)]).toContainEqual(now)
    await proxy.close()
    rmSync(join(destination, 'hooks'), { recursive: true })
    expect(await runMirror({ ...place.inputs(source, destination), transfer: 'relay' })).toMatchObject({ inSync: true, failure: null })
    expect(await refsOf(destination)).toEqual(await refsOf(source))
    await fsck(destination)
  })

  test('a source that breaks in the middle of its pack: no request is made to look complete', async () => {
    const { source, destination } = await prepare(place, LARGE_BLOB_BYTES)
    const before = await refsOf(destination)
    installHook(destination, 'pre-receive', 'echo "it is all here" > whole')
    const plainPort = Number(new URL(http.plainOrigin).port)
    const pieces: Buffer[] = []
    const arrives = new EventEmitter()
    const recorder: CuttingProxy = await startCuttingProxy({
      port: protocol === 'ssh' ? sshd.port : plainPort,
      counted: 'up',
      onBytes: bytes => {
        pieces.push(Buffer.from(bytes))
        if (recorder.passed() > LARGE_BLOB_BYTES) arrives.emit('pack')
      },
    })
    // When the destination has a part of the pack, the question about LFS is answered, so nothing is asked again. Its answer passes beside the held pack.
    const until = once(arrives, 'pack')
    const proxy = await startCuttingProxy({ port: realPort, counted: 'down', after: (BLOBS * LARGE_BLOB_BYTES) / 2, until })
    const inputs = through(proxy, 'source', source, destination)
    const towards =
      protocol === 'ssh'
        ? through(recorder, 'destination', source, destination)
        : {
            'remote-url': `http://127.0.0.1:${recorder.port}${new URL(inputs['remote-url'] ?? '').pathname}`,
            'allow-insecure-http': 'true',
          }
    const known = `${inputs['known-host-keys'] ?? ''}\n${protocol === 'ssh' ? (through(recorder, 'destination', source, destination)['known-host-keys'] ?? '') : ''}`
    const report = await runMirror({
      ...inputs,
      'remote-url': towards['remote-url'] ?? '',
      ...(protocol === 'https' && { 'allow-insecure-http': 'true' }),
      ...(protocol === 'ssh' && { 'known-host-keys': known }),
    })
    expect(report).toMatchObject({ status: 'failed', failure: { fault: 'network', side: 'here' } })
    await untilLeft(destination)
    await Promise.all([proxy.close(), recorder.close()])
    expect(await refsOf(destination)).toEqual(before)
    expect(existsSync(join(destination, 'whole'))).toBe(false)
    await fsck(destination)
    const sent = Buffer.concat(pieces)
    expect(sent.length).toBeGreaterThan(BLOB_BYTES)
    if (protocol === 'ssh') return
    expect(sent.includes('git-receive-pack HTTP/1.1\r\n')).toBe(true)
    expect(sent.includes('Transfer-Encoding: chunked\r\n')).toBe(true)
    expect(sent.includes('\r\n0\r\n\r\n')).toBe(false)
  })
})
