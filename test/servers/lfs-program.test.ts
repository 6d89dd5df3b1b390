import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { createBare, git, refsOf } from '../support/git-repository.ts'
import { hold } from '../support/lfs-gate.ts'
import { createPair, httpsLfs, type LfsPair, nameOf, sshLfs } from '../support/lfs-places.ts'
import { commitLfs, compareObjects, copyAll } from '../support/lfs-repository.ts'
import { type LfsServer, startLfsServer, storedObjects } from '../support/lfs-server.ts'
import { type LfsSshd, startLfsSshd } from '../support/lfs-ssh.ts'
import { PROGRAM } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { killLeft, processesOf } from '../support/watched-run.ts'

// The program as a process of its own: what it takes of memory and disk, and what is left of it when it is killed.

let server: LfsServer
let sshd: LfsSshd
beforeAll(async () => {
  server = await startLfsServer()
  sshd = await startLfsSshd('transfer')
})
afterAll(async () => {
  await Promise.allSettled([sshd, server].map(async one => await one?.stop()))
})
beforeEach(() => {
  server.intervene = null
  server.forget()
})

const pair = () => createPair(httpsLfs(server), 'relay')
const inputsOf = ({ source, destination }: LfsPair) => httpsLfs(server).inputs(source, destination)
const MIB = 1024 ** 2

interface Started {
  /** Where it keeps what it needs for a while. */
  readonly temp: string
  /** Resolves with how it ended: its code, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  kill(signal: NodeJS.Signals): void
  /** Ends what it started, where something still runs. */
  cleanUp(): void
  /** All that it starts has this in the environment. */
  readonly trackingId: string
}

/** The most memory of each node that a run has started, as far as it was seen (`VmHWM` of proc(5), which only grows). */
function samplePeaks(trackingId: string): { peaks: Map<string, number>; stop: () => void } {
  const peaks = new Map<string, number>()
  const look = () => {
    for (const { pid, argv } of processesOf(trackingId)) {
      const [program, , part] = argv.split(' ')
      if (program !== process.execPath) continue
      try {
        const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        if (kilobytes !== undefined) peaks.set(`${pid} ${part}`, 1024 * Number(kilobytes))
      } catch {
        // It has ended.
      }
    }
  }
  // Each look reads the environments of all processes.
  const timer = setInterval(look, 50)
  return { peaks, stop: () => clearInterval(timer) }
}

/** @param inputs of a mirror, secrets among them */
function start(inputs: RawInputs, flags: readonly string[] = []): Started {
  const directory = temporaryDirectory()
  const place = (name: string) => join(directory, name)
  mkdirSync(place('temp'))
  const { token = '', 'auth-secret': secret = '', 'repository-url': from = '', 'remote-url': to = '', ...others } = inputs
  const given = Object.entries({ retries: '0', ...others }).map(([name, value]) => `--${name}=${value}`)
  const [program = '', ...args] = PROGRAM
  const trackingId = randomUUID()
  const child = spawn(program, [...args, 'mirror', from, to, ...given, ...flags], {
    env: {
      ...{ PATH: process.env['PATH'] ?? '', HOME: directory, TMPDIR: place('temp'), LC_ALL: 'C' },
      ...{ RUNNER_TRACKING_ID: trackingId, REPOSITORY_MIRRORING_TOKEN: token, REPOSITORY_MIRRORING_AUTH_SECRET: secret },
    },
    stdio: 'ignore',
    detached: true,
  })
  return {
    temp: place('temp'),
    ended: once(child, 'exit').then(([code, signal]) => code ?? signal),
    kill: signal => void child.kill(signal),
    cleanUp: () => void killLeft(trackingId),
    trackingId,
  }
}

/** Bytes of the objects that lie below a directory, in any store of git-lfs. */
const objectBytes = (directory: string): number =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter(path => /\/lfs\/objects\/.*[0-9a-f]{64}$/.test(path))
    .reduce((sum, path) => sum + (statSync(join(directory, path), { throwIfNoEntry: false })?.size ?? 0), 0)

/** Waits until no process works below a directory any more. */
async function untilLeft(directory: string): Promise<void> {
  const isInside = () =>
    readdirSync('/proc').some(pid => {
      try {
        return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(directory)
      } catch {
        return false
      }
    })
  const deadline = Date.now() + 20_000
  while (isInside()) {
    if (Date.now() > deadline) throw new Error(`somebody still works in "${directory}"`)
    await delay(5)
  }
}

// Our own processes take some 60 MB, and node frees late what it is done with: on a busy machine another 80 MB, however large the object is. A program
// that does not wait for the server took 200 MB and more of this one.
test('an object of 128 MB passes by at no more than 160 MB of memory, also through the ssh of the program', async () => {
  const [source, destination] = [await createBare(), await createBare()]
  await commitLfs(source, 'main', { 'large.bin': 128 * MIB, 'small.bin': 10 })
  await git(source, ['config', 'uploadpack.allowFilter', 'true'])
  const { 'repository-url': _, token: __, ...inputs } = sshLfs(sshd).inputs(source, destination)
  const run = start({ ...inputs, 'repository-url': source })
  const { peaks, stop } = samplePeaks(run.trackingId)
  expect(await run.ended.finally(stop)).toBe(0)
  const [, ...ofSsh] = peaks.values()
  expect(ofSsh.length).toBeGreaterThan(0)
  expect([...peaks].filter(([, bytes]) => bytes > 160 * MIB)).toEqual([])
  // One that was seen before it became another program has hardly any; that they are measured at all, the largest shows.
  expect(Math.max(...peaks.values())).toBeGreaterThan(10 * MIB)
  expect(readdirSync(run.temp)).toEqual([])
  expect(storedObjects(destination)).toEqual(storedObjects(source))
  expect(await compareObjects(source, destination)).toEqual([])
})

test('the disk holds one batch, and an object that is larger than a batch goes alone', async () => {
  const sides = await pair()
  const sizes = { a: 400_000, b: 400_000, large: 1_500_000 }
  const files = Object.fromEntries(Object.entries(sizes).map(([name, size]) => [`${name}.bin`, size]))
  await commitLfs(sides.source, 'main', files)
  const run = start(inputsOf(sides), ['--lfs-batch-size', '1MiB'])
  const seen: number[] = []
  server.intervene = ({ kind }) => {
    if (kind === 'upload' || kind === 'verify') seen.push(objectBytes(run.temp))
    return null
  }
  expect(await run.ended).toBe(0)
  expect(seen.length).toBeGreaterThanOrEqual(3)
  expect(Math.max(...seen)).toBe(1_500_000)
  expect(seen.filter(bytes => bytes > MIB && bytes !== 1_500_000)).toEqual([])
  expect(server.moved()).toMatchObject({ uploads: 3, downloads: 3 })
  expect(await sides.check()).toEqual([])
})

describe('killed', () => {
  const POINTS = [
    ['SIGKILL', 'source', 'download'],
    ['SIGTERM', 'destination', 'upload'],
  ] as const
  test.each(POINTS)(
    'by %s, in the middle, at the %s (%s): no ref has moved, and the next run moves only the rest',
    async (signal, side, kind) => {
      const sides = await pair()
      const first = await commitLfs(sides.source, 'main', { 'first.bin': 50_000 })
      await copyAll(sides.source, sides.destination)
      await commitLfs(sides.source, 'main', { 'a.bin': 600_000, 'b.bin': 700_000 })
      const before = await refsOf(sides.destination)
      const held = hold(100_000)
      // The first batch has gone by then.
      const hasOne = () => storedObjects(sides.destination).size > 1
      server.intervene = request => (request.kind === kind && request.repository === nameOf(sides[side]) && hasOne() ? held : null)
      const run = start(inputsOf(sides), ['--lfs-batch-size', '1MiB'])
      try {
        await Promise.race([held.reached, run.ended])
        run.kill(signal)
        expect(await run.ended).toBe(signal === 'SIGKILL' ? 'SIGKILL' : 143)
        expect(await refsOf(sides.destination)).toEqual(before)
        expect(before.get('refs/heads/main')).toBe(first.commit)
        server.intervene = null
        server.forget()
        const healed = await sides.run()
        expect(healed).toMatchObject({ status: 'updated', inSync: true, lfs: { moved: { objects: 1 }, present: { objects: 1 } } })
        expect(server.moved()).toMatchObject({ downloads: 1 })
        expect(await sides.check()).toEqual([])
      } finally {
        held.release()
        if (signal === 'SIGKILL') run.cleanUp()
      }
      await untilLeft(run.temp)
      if (signal === 'SIGTERM') expect(readdirSync(run.temp)).toEqual([])
    },
  )
})

test('told while it is under way: how much of an object has come, and how much has gone', async () => {
  const sides = await pair()
  await commitLfs(sides.source, 'main', { 'a.bin': 2_000_000 })
  const [down, up] = [hold(1_000_000), hold(1_000_000)]
  server.intervene = ({ kind }) => (kind === 'download' ? down : kind === 'upload' ? up : null)
  const lines: string[] = []
  const onProgress = (line: string) => {
    lines.push(line)
    if (/^0 of 1 LFS objects received, [1-9][\d.]* KiB of 1\.9 MiB$/.test(line)) down.release()
    if (/^[01] of 1 LFS objects sent, [1-9][\d.]* [KM]iB of 1\.9 MiB$/.test(line)) up.release()
  }
  expect(await sides.run({}, { onProgress })).toMatchObject({ status: 'updated', inSync: true })
  expect(lines.length).toBeGreaterThan(1)
  expect(await sides.check()).toEqual([])
})
