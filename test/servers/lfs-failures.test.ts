import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { IDLE_MS } from '../../src/limits/limits.ts'
import { failsStep } from '../../src/report/exit.ts'
import { inTime, stopClock, until } from '../support/clock.ts'
import { installHook, refsOf } from '../support/git-repository.ts'
import { hold } from '../support/lfs-gate.ts'
import { authenticatedLfs, createPair, httpsLfs, interveneAt, nameOf, sshLfs } from '../support/lfs-places.ts'
import { commitLfs, refuseWithoutObjects } from '../support/lfs-repository.ts'
import { type LfsServer, objectFile, startLfsServer, storedObjects } from '../support/lfs-server.ts'
import { type LfsSshd, startLfsSshd } from '../support/lfs-ssh.ts'

// Objects that do not get there, and refs that a destination does not take without them.

let server: LfsServer
let authenticating: LfsSshd
let pure: LfsSshd
let none: LfsSshd
beforeAll(async () => {
  server = await startLfsServer()
  authenticating = await startLfsSshd('authenticate', server)
  pure = await startLfsSshd('transfer')
  none = await startLfsSshd('none')
})
afterAll(async () => {
  await Promise.allSettled([authenticating, pure, none, server].map(async one => await one?.stop()))
})
beforeEach(() => {
  server.intervene = null
  server.forget()
})

const pair = (transfer: 'relay' | 'git' = 'relay') => createPair(httpsLfs(server), transfer)

test('what the source does not have holds back the refs that need it; when it is there again, the next run heals', async () => {
  const { source, destination, run, check } = await pair()
  const main = await commitLfs(source, 'main', { 'a.bin': 1000 })
  const lost = await commitLfs(source, 'lost', { 'lost.bin': 2000, 'there.bin': 50 }, { parents: [main.commit] })
  await commitLfs(source, 'also', { 'also.bin': 300 }, { parents: [lost.commit] })
  await commitLfs(source, 'side', { 'side.bin': 3000 }, { parents: [main.commit] })
  const oid = lost.objects.get('lost.bin') ?? ''
  const kept = `${source}.kept`
  cpSync(objectFile(source, oid), kept)
  server.removeObject(nameOf(source), oid)
  const report = await run()
  const missing = 'rejected lfs-object-missing'
  expect(report.outcomes).toEqual({ main: 'created', side: 'created', lost: missing, also: missing })
  expect(report).toMatchObject({
    status: 'partial',
    inSync: false,
    lfs: { moved: { objects: 4, bytes: 4350 }, failed: { objects: 1, bytes: 2000 } },
  })
  const held = report.refs.filter(({ outcome }) => outcome === 'rejected')
  expect(held.map(({ reason }) => reason)).toEqual([expect.stringContaining(`(${oid})`), expect.stringContaining(`(${oid})`)])
  expect([...(await refsOf(destination)).keys()]).toEqual(['refs/heads/main', 'refs/heads/side'])
  cpSync(kept, objectFile(source, oid))
  expect(await check(['main', 'side'])).toEqual([])
  server.forget()
  const healed = await run()
  expect(healed).toMatchObject({ status: 'updated', inSync: true, lfs: { moved: { objects: 1 }, present: { objects: 2 } } })
  expect(server.moved()).toMatchObject({ uploads: 1, uploadedBytes: 2000 })
  expect(await check()).toEqual([])
})

describe('lfs-missing: allow', () => {
  test.each([
    // Over https is the next test.
    ['by git-lfs-authenticate', 'git', () => authenticatedLfs(authenticating, server)],
    ['over ssh alone', 'relay', () => sshLfs(pure)],
  ] as const)('refs go without what the source has lost, which is named: %s, %s', async (_, transfer, place) => {
    const { source, destination, run, check } = await createPair(place(), transfer)
    const lost = await commitLfs(source, 'main', { 'lost.bin': 2000, 'there.bin': 50 })
    await commitLfs(source, 'main', { 'now.bin': 300 }, { parents: [lost.commit] })
    const oid = lost.objects.get('lost.bin') ?? ''
    rmSync(objectFile(source, oid))
    const report = await run({ 'lfs-missing': 'allow' })
    expect(report).toMatchObject({
      ...{ status: 'updated', inSync: true, outcomes: { main: 'created' } },
      lfs: { moved: { objects: 2, bytes: 350 }, failed: { objects: 0 }, lost: [oid] },
      notices: [
        `the source has lost 1 LFS object, and \`lfs-missing\` is \`allow\`: the refs that need such an object are mirrored without it: ${oid}`,
      ],
    })
    expect(failsStep(report, new Set(['rejected', 'diverged'] as const))).toBe(false)
    expect(await check()).toEqual([`missing: ${oid}`])
    // The commits are there, so no run looks for their objects again.
    expect(await run({ 'lfs-missing': 'allow' })).toMatchObject({ status: 'up-to-date', notices: [], lfs: null })
    expect([...(await refsOf(destination)).keys()]).toEqual(['refs/heads/main'])
  })

  test('what fails in another way holds back its refs, as ever; `any-kept` counts what is lost; ten are named', async () => {
    const { source, run } = await pair()
    const files = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`${index}.bin`, 100 + index]))
    const main = await commitLfs(source, 'main', files)
    const broken = await commitLfs(source, 'broken', { 'broken.bin': 70, 'gone.bin': 80 }, { parents: [main.commit] })
    for (const oid of [...main.objects.values(), broken.objects.get('gone.bin')]) server.removeObject(nameOf(source), oid ?? '')
    const refused = broken.objects.get('broken.bin') ?? ''
    server.intervene = ({ kind, objects }) => (kind === 'download' && objects.includes(refused) ? { status: 403, message: 'no' } : null)
    const report = await run({ 'lfs-missing': 'allow', 'fail-on': 'any-kept' })
    expect(report.outcomes).toEqual({ main: 'created', broken: expect.stringMatching(/^rejected /) })
    expect(report.notices).toEqual([expect.stringMatching(/^the source has lost 13 LFS objects, .*: ([0-9a-f]{64}, ){10}and 3 more$/)])
    expect(report).toMatchObject({ status: 'partial', lfs: { failed: { objects: 1, bytes: 70 } } })
    server.intervene = null
    const rest = await run({ 'lfs-missing': 'allow', 'fail-on': 'any-kept' })
    expect(rest).toMatchObject({ status: 'partial', inSync: true, outcomes: { broken: 'created' }, lfs: { moved: { objects: 1 } } })
    expect(failsStep(rest, new Set(['any-kept'] as const))).toBe(true)
    expect(failsStep(rest, new Set(['rejected', 'diverged'] as const))).toBe(false)
  })

  test('a server that has no LFS, or does not answer, has lost nothing', async () => {
    const { source, run } = await pair()
    await commitLfs(source, 'main', { 'a.bin': 1000 })
    for (const status of [404, 403]) {
      interveneAt(server, source, 'batch', { status, headers: { 'Content-Type': 'text/plain' } })
      expect(await run({ 'lfs-missing': 'allow' })).toMatchObject({ status: 'failed', lfs: { failed: { objects: 1 }, lost: undefined } })
    }
  })

  test('a destination that refuses refs without their objects still does', async () => {
    const { source, destination, run } = await pair()
    const { objects } = await commitLfs(source, 'main', { 'a.bin': 1000, 'b.bin': 20 })
    server.removeObject(nameOf(source), objects.get('a.bin') ?? '')
    refuseWithoutObjects(destination)
    expect(await run({ 'lfs-missing': 'allow' })).toMatchObject({ outcomes: { main: REFUSAL }, inSync: false })
    expect((await refsOf(destination)).size).toBe(0)
  })
})

// The server does not end the object: only the bytes on the disk can.
test('an object that is larger than its pointer says is given up, and the others are moved', async () => {
  const { source, destination, run } = await pair()
  const main = await commitLfs(source, 'main', { 'a.bin': 1000 })
  const flood = await commitLfs(source, 'flood', { 'flood.bin': 3, 'b.bin': 50 }, { parents: [main.commit] })
  const oid = flood.objects.get('flood.bin') ?? ''
  server.intervene = ({ kind, objects }) => (kind === 'download' && objects.includes(oid) ? { flood: 2 ** 23 } : null)
  const report = await run({ retries: '3' })
  expect(report.outcomes).toEqual({ main: 'created', flood: 'rejected lfs-object-refused' })
  expect(report.refs.find(({ outcome }) => outcome === 'rejected')?.reason).toMatch(
    new RegExp(`: the server sent [1-8]\\.?\\d* MiB and more for an object of 3 bytes \\(${oid}\\)$`),
  )
  expect(report).toMatchObject({ attempts: 1, lfs: { moved: { objects: 2, bytes: 1050 }, failed: { objects: 1, bytes: 3 } } })
  expect([...storedObjects(destination).values()].sort()).toEqual([1000, 50])
})

describe('a login that is not good for LFS', () => {
  test('git-lfs-authenticate says no: told in its words, and asked a bounded number of times', async () => {
    const sides = await createPair(authenticatedLfs(authenticating, server), 'relay')
    await commitLfs(sides.source, 'main', { 'a.bin': 1000 })
    authenticating.authenticate('LFS is not for you today')
    const before = authenticating.commands().length
    const report = await sides.run({ retries: '3' })
    expect(report.refs[0]?.reason).toContain('LFS is not for you today')
    expect(report).toMatchObject({ attempts: 1, lfs: { moved: { objects: 0 }, failed: { objects: 1 } } })
    expect(authenticating.commands().length - before).toBeLessThan(6)
  })

  test('over ssh alone, with a key that may only read', async () => {
    const sides = await createPair(sshLfs(pure), 'relay')
    await commitLfs(sides.source, 'main', { 'a.bin': 1000 })
    const report = await sides.run({ 'auth-secret': pure.readOnlyKey, retries: '3' })
    expect(report.outcomes).toEqual({ main: 'rejected read-only' })
    expect(report).toMatchObject({ attempts: 1, lfs: { moved: { objects: 0 }, failed: { objects: 1 } } })
    expect(storedObjects(sides.destination).size).toBe(0)
  })

  test('over ssh, a server that knows nothing of LFS', async () => {
    const sides = await createPair(sshLfs(none), 'relay')
    await commitLfs(sides.source, 'main', { 'a.bin': 1000 })
    expect((await sides.run({ retries: '3' })).outcomes).toEqual({ main: 'rejected lfs-disabled' })
  })
})

const REFUSAL = 'rejected lfs-objects-required'
/** `auto` sees no sign of LFS. */
const notAtTheRoot = { '.gitattributes': null, 'deep/.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n' }

describe('a destination that refuses refs without their objects', () => {
  test('auto, by git: the destination refuses; the objects are sent, the refs once more', async () => {
    const { source, destination, run, check } = await pair('git')
    const main = await commitLfs(source, 'main', { 'deep/a.bin': 1000 }, { files: notAtTheRoot })
    await commitLfs(source, 'side', { 'deep/b.bin': 10 }, { files: notAtTheRoot, parents: [main.commit] })
    refuseWithoutObjects(destination)
    const report = await run()
    expect(report).toMatchObject({ status: 'updated', inSync: true, attempts: 1, lfs: { moved: { objects: 2, bytes: 1010 } } })
    expect(report.log.filter(line => line.includes('pushing these refs again'))).toHaveLength(1)
    expect(await check()).toEqual([])
  })
  test('false: refused; true: the objects go first, and nothing is refused', async () => {
    const { source, destination, run, check } = await pair()
    await commitLfs(source, 'main', { 'deep/a.bin': 1000 }, { files: notAtTheRoot })
    refuseWithoutObjects(destination)
    expect(await run({ lfs: 'false', retries: '3' })).toMatchObject({ outcomes: { main: REFUSAL }, attempts: 1, lfs: null })
    expect(server.answered).toEqual([])
    const report = await run({ lfs: 'true' })
    expect(report).toMatchObject({ status: 'updated', inSync: true, lfs: { moved: { objects: 1 } } })
    expect(report.log.join('\n')).not.toContain('once more')
    expect(await check()).toEqual([])
  })

  test.each([
    ['all of them at once', (destination: string) => refuseWithoutObjects(destination)],
    [
      'the one that needs them',
      (destination: string) =>
        installHook(destination, 'update', 'test $1 = refs/heads/plain || test -d lfs/objects || { echo GH008: >&2; exit 1; }'),
    ],
  ])('auto, `atomic`: it refuses %s; all refs are pushed once more', async (_, refuse) => {
    const { source, destination, run, check } = await pair()
    const plain = await commitLfs(source, 'plain', {}, { files: { '.gitattributes': null, text: 'x' } })
    await commitLfs(source, 'main', { 'deep/a.bin': 1000 }, { files: notAtTheRoot, parents: [plain.commit] })
    refuse(destination)
    const report = await run({ atomic: 'true' })
    expect(report.outcomes).toEqual({ main: 'created', plain: 'created' })
    expect(report).toMatchObject({ inSync: true, attempts: 1, lfs: { moved: { objects: 1, bytes: 1000 } } })
    expect(report.log.filter(line => line.includes('pushing these refs again'))).toHaveLength(1)
    expect(await check()).toEqual([])
  })

  test('auto, `atomic`: what is said of one ref is not said of those that it holds back', async () => {
    const { source, destination, run } = await pair()
    const plain = await commitLfs(source, 'plain', {}, { files: { '.gitattributes': null, text: 'x' } })
    await commitLfs(source, 'main', { 'deep/a.bin': 1000 }, { files: notAtTheRoot, parents: [plain.commit] })
    installHook(destination, 'update', 'test $1 = refs/heads/plain || { echo GH008: >&2; exit 1; }')
    expect((await run({ atomic: 'true' })).outcomes).toEqual({ main: REFUSAL, plain: 'rejected atomic-refused' })
  })

  test('auto: not more than once', async () => {
    const { source, destination, run } = await pair()
    await commitLfs(source, 'main', { 'deep/a.bin': 1000 }, { files: notAtTheRoot })
    installHook(destination, 'pre-receive', "echo >> pushes; echo 'GitLab: LFS objects are missing.' >&2; exit 1")
    const report = await run()
    expect(report.outcomes).toEqual({ main: REFUSAL })
    expect(report.log.filter(line => line.includes('pushing these refs again'))).toHaveLength(1)
    expect(readFileSync(join(destination, 'pushes'), 'utf8')).toBe('\n\n')
    expect((await refsOf(destination)).size).toBe(0)
  })
})

describe('what stands still', () => {
  stopClock()
  test('an upload stands still: given up, told, tried again, healed', async () => {
    const sides = await pair()
    // Fewer bytes than count as progress: more of them would put off the end by another five minutes on the clock.
    await commitLfs(sides.source, 'main', { 'a.bin': 10 })
    const held = hold(5)
    interveneAt(server, sides.destination, 'upload', held)
    const heal = () => {
      server.intervene = null
    }
    const running = sides.run({ retries: '1' }, { onPause: heal })
    await held.reached
    await inTime(
      until(() => server.answered.some(({ kind, status }) => kind === 'upload' && status === null)),
      Infinity,
      IDLE_MS,
    )
    const report = await running
    expect(report.log.join('\n')).toMatch(/attempt 1 did not succeed .*nothing of an LFS object moved any more/)
    // What the server had got in the end may be there already.
    expect(report).toMatchObject({ status: 'updated', attempts: 2, inSync: true, lfs: { failed: { objects: 0 } } })
    expect(await sides.check()).toEqual([])
  })
})
