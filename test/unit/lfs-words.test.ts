import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { bytesThatCount } from '../../src/lfs/store.ts'
import { isMissingHere, readLfsProgress, readLfsWords } from '../../src/lfs/words.ts'
import { IDLE_BYTES, LFS_STEP_BYTES } from '../../src/limits/limits.ts'
import { createBare, createScratch, git } from '../support/git-repository.ts'

const A = 'a'.repeat(64)
const B = '0123456789abcdef'.repeat(4)

const said = (text: string) => {
  const { objects, rest } = readLfsWords(text)
  return { objects: [...objects], rest }
}

describe('lines about an object', () => {
  // Wordings of git-lfs 3.0 to 3.7, from its source; servers add their own after the colons.
  test.each([
    [`[${A}] Object does not exist on the server: [404] Object does not exist on the server`],
    [`[${A}] Not found: [404] ${B}`],
    [`[${A}] The server returned an unknown OID.`],
    [`  (missing) a file (1).bin (${A})`],
    [`  (corrupt) ${B}.bin (${A})`],
    [`missing object: a.bin (${A})`],
    [`corrupt object: a.bin (${A})`],
    [`error transferring "${A}": [0] remote missing object ${A}`],
    [`remote missing object ${A}`],
    [`expected OID ${A}, got ${B} after 12 bytes written`],
    [`unexpected OID "${B}" in response, expecting "${A}"`],
    [`Unable to find source for object ${A} (try running git lfs fetch --all)`],
    [`Unable to find source for object ${A} (try running \`git lfs fetch --all\`)`],
    [`Object ${A} not found on the server.`],
    [`No upload action for object: ${A}`],
    [`No download action for object: ${A}`],
    [`got status 404 when fetching OID ${A}: not found`],
    [`got status 500 when verifying upload OID ${A}`],
    [`object "${A}" has invalid size (got: -1)`],
    [`Error uploading file ${B} (${A}): permission denied`],
    [`cannot write data to temporary file "/tmp/x/lfs/incomplete/${A}841": LFS: unexpected EOF`],
    [`LFS: Client error: https://lfs.example.com/store/aa/aa/${A}?sig=x from HTTP 403`],
  ])('%s', line => {
    expect(said(`Before.\n${line}\nAfter.\n`)).toEqual({ objects: [[A, line.trim()]], rest: 'Before.\nAfter.' })
  })

  test('the first for each, in order', () => {
    const text = `[${B}] one: [410] one\r\n[${A}] two: [404] two\n[${B}] three: [500] three\n`
    expect(said(text)).toEqual({
      objects: [
        [B, `[${B}] one: [410] one`],
        [A, `[${A}] two: [404] two`],
      ],
      rest: '',
    })
  })
})

test.each([
  [`  (missing) a.bin (${A})`, true],
  [`  (corrupt) a.bin (${A})`, false],
  [`[${A}] (missing) : [422] (missing) `, false],
])('%s: of what is only not here: %s', (line, isIt) => expect(isMissingHere(said(line).objects[0]?.[1] ?? '')).toBe(isIt))

describe('lines about none', () => {
  test.each([
    ['batch response: Repository or object not found: https://git.example.com/p.git/info/lfs/objects/batch'],
    ['Git LFS upload failed:'],
    [`fatal: bad object ${A}`],
    [`[a.bin] action "download" expires at 2024-01-01`],
    [`fetch ${A.slice(1)} => a.bin`],
    [`LFS: Client error: https://lfs.example.com/${A}0 from HTTP 403`],
  ])('%s', line => expect(said(line)).toEqual({ objects: [], rest: line }))

  test('but for the bar, which is drawn again and again', () => {
    const text = 'Uploading LFS objects:   0% (0/2), 0 B | 0 B/s\rUploading LFS objects: 100% (2/2), 12 B | 0 B/s, done.\nfailed\n'
    expect(said(text)).toEqual({ objects: [], rest: 'failed' })
    expect(said('Downloading LFS objects: 100% (2/2), 12 B | 0 B/s, done.\n')).toEqual({ objects: [], rest: '' })
  })
})

describe('what git-lfs says besides', () => {
  const BATCH = 'batch response: words of the server'
  test.each([
    ['what it is about to do', `fetch: Fetching reference refs/heads/main\n${BATCH}`],
    ['what 3.7 is about to do', `Fetching reference refs/heads/main\n${BATCH}`],
    ['that a fetch failed', `${BATCH}\nerror: failed to fetch some objects from 'https://h/p.git/info/lfs'`],
    ['where it wrote that down', `${BATCH}\n\nErrors logged to '/tmp/x/lfs/logs/1.log'.\nUse \`git lfs logs last\` to view the log.`],
  ])('%s', (_, text) => expect(said(text)).toEqual({ objects: [], rest: BATCH }))

  test('that a fetch failed, where it says no more', () => {
    const line = "error: failed to fetch some objects from 'https://h/p.git/info/lfs'"
    expect(said(`fetch: Fetching reference main\n${line}`)).toEqual({ objects: [], rest: line })
  })

  test('where it broke off, without its source', () => {
    const text = `panic: send on closed channel\n\ngoroutine 86 [running]:\ngithub.com/git-lfs/git-lfs/tq.(*Meter).update(0x0)\n\tmeter.go:222 +0x105`
    expect(said(text)).toEqual({ objects: [], rest: 'panic: send on closed channel' })
  })

  test('an address as Go keeps it, which 3.3 prints for some statuses', () => {
    const address = `&{%!!(string=https) %!!(string=) %!!(*url.Userinfo=<nil>) %!!(string=127.0.0.1:38153) %!!(string=/p.git/info/lfs/objects/${A}) %!!(string=) %!!(bool=false) %!!(bool=false) %!!(string=) %!!(string=) %!!(string=)}s(MISSING)`
    const readable = `LFS: Client error: https://127.0.0.1:38153/p.git/info/lfs/objects/${A} from HTTP 413`
    expect(said(`LFS: Client error ${address} from HTTP 413`)).toEqual({ objects: [[A, readable]], rest: '' })
  })
})

test('what the installed git-lfs says of objects that neither side has', async () => {
  const bare = await createBare()
  const scratch = await createScratch()
  const pointer = (oid: string) => `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 12\n`
  for (const [name, oid] of [
    ['a.bin', A],
    [`${A}.bin`, B],
  ] as const)
    writeFileSync(join(scratch, name), pointer(oid))
  await git(scratch, ['add', '.'])
  await git(scratch, ['commit', '-qm', 'pointers'])
  await git(scratch, ['remote', 'add', 'origin', `file://${bare}`])
  const fetched = await git(scratch, ['lfs', 'fetch', '--all', 'origin'], { allowFailure: true })
  const pushed = await git(scratch, ['lfs', 'push', '--all', 'origin'], { allowFailure: true })
  for (const { code, stdout, stderr } of [fetched, pushed]) {
    expect(code).not.toBe(0)
    const { objects } = readLfsWords(`${stdout}\n${stderr}`)
    expect([...objects.keys()].sort()).toEqual([B, A])
    expect([...objects].every(([oid, line]) => line.includes(oid))).toBe(true)
  }
  expect(readLfsWords(fetched.stderr).rest).toContain('failed to fetch some objects')
})

describe('progress', () => {
  test.each<[string, ReturnType<typeof readLfsProgress>]>([
    ['', { objects: 0, bytes: 0 }],
    ['download 1/5 12/12 a', { objects: 0, bytes: 0 }],
    ['nonsense\n', { objects: 0, bytes: 0 }],
    ['download 1/5 12/100 a\n', { objects: 0, bytes: 12 }],
    ['download 1/5 12/100 a\ndownload 1/5 100/100 a\n', { objects: 1, bytes: 100 }],
    ['download 1/5 12/100 a\ndownload 2/5 50/60 b c\ndownload 1/5 80/100 a\n', { objects: 0, bytes: 130 }],
    ['upload 1/2 100/100 a\nupload 2/2 7/9 a\n', { objects: 1, bytes: 107 }],
    ['download 1/1 12/?? a\n', { objects: 0, bytes: 12 }],
    ['download 1/1 12/-1 a\ndownload 1/1 30/-1 a\n', { objects: 0, bytes: 30 }],
    ['download 1/5 100/100 a\ndownload 2/5 30', { objects: 1, bytes: 100 }],
    ['checkout 1/1 5/5 a\n', { objects: 1, bytes: 5 }],
  ])('%j', (text, progress) => expect(readLfsProgress(text, new Map())).toEqual(progress))

  test('lines that were read count on, and count once', () => {
    const moved = new Map<string, number>()
    readLfsProgress('download 1/2 9/9 a\ndownload 2/2 3/8 b\n', moved)
    expect(readLfsProgress('download 2/2 3/8 b\ndownload 2/2 8/8 b\n', moved)).toEqual({ objects: 2, bytes: 17 })
  })
})

test.each([
  [{ objects: 0, bytes: LFS_STEP_BYTES - 1 }, 0],
  [{ objects: 0, bytes: LFS_STEP_BYTES }, LFS_STEP_BYTES],
  [{ objects: 1, bytes: 0 }, LFS_STEP_BYTES],
  [{ objects: 2, bytes: 3 * LFS_STEP_BYTES + 1 }, 5 * LFS_STEP_BYTES],
])('of the progress %j count %d bytes, which is a stall if it is few', (progress, bytes) => {
  expect(bytesThatCount(progress)).toBe(bytes)
  expect(bytes === 0 || bytes >= IDLE_BYTES).toBe(true)
})
