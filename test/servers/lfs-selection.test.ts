import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { git } from '../support/git-repository.ts'
import { createPair, httpsLfs, nameOf } from '../support/lfs-places.ts'
import { commitLfs, pointer, storeObject } from '../support/lfs-repository.ts'
import { type LfsServer, startLfsServer, storedObjects } from '../support/lfs-server.ts'

// Which objects are moved.

let server: LfsServer
beforeAll(async () => {
  server = await startLfsServer()
})
afterAll(async () => await server?.stop())
beforeEach(() => {
  server.intervene = null
  server.forget()
})

const pair = () => createPair(httpsLfs(server), 'relay')

test('by turns of the transfers: none of a branch outside the selection, until it is selected; none that the destination has', async () => {
  const { source, destination, run, check } = await pair()
  const main = await commitLfs(source, 'main', { 'a.bin': 1000, 'b.bin': 2000 })
  const side = await commitLfs(source, 'side', { 'side.bin': 3000 }, { parents: [main.commit] })
  expect(await run({ branches: 'main', transfer: 'git' })).toMatchObject({
    inSync: true,
    transfer: 'git',
    lfs: { moved: { objects: 2, bytes: 3000 } },
  })
  expect(new Set(storedObjects(destination).keys())).toEqual(new Set(main.objects.values()))
  expect(server.moved(nameOf(source))).toMatchObject({ downloads: 2, downloadedBytes: 3000 })
  expect(await check(['main'])).toEqual([])

  server.forget()
  await commitLfs(source, 'main', { 'new.bin': 10, 'had.bin': 500_000 })
  storeObject(destination, { size: 500_000, seed: 'had.bin' })
  const second = await run({ branches: 'main' })
  expect(second).toMatchObject({ lfs: { moved: { objects: 1, bytes: 10 }, present: { objects: 1, bytes: 500_000 } } })
  expect(server.moved()).toEqual({ uploads: 1, uploadedBytes: 10, downloads: 1, downloadedBytes: 10 })
  expect(await check(['main'])).toEqual([])

  server.forget()
  const third = await run({ transfer: 'git' })
  expect(third).toMatchObject({ outcomes: { main: 'up-to-date', side: 'created' }, lfs: { moved: { objects: 1, bytes: 3000 } } })
  expect(server.moved()).toMatchObject({ uploads: 1, downloads: 1 })
  expect([...storedObjects(destination).keys()]).toContain(side.objects.get('side.bin'))
  expect(await check()).toEqual([])
})

test('what git-lfs reads as a pointer, and nothing else', async () => {
  const { source, destination, run, check } = await pair()
  // Each names an object of its own, which the source has: what is taken for a pointer by mistake would move.
  const own = (name: string) => pointer(storeObject(source, { size: 100, seed: name }), 100)
  const files = Object.fromEntries(
    Object.entries({
      usual: (text: string) => text,
      'CRLF.txt': (text: string) => text.replaceAll('\n', '\r\n'),
      'blank in front': (text: string) => ` ${text}`,
      'blank lines': (text: string) => text.replace('\n', '\n\n'),
      'no last line end': (text: string) => text.trimEnd(),
      'old version': (text: string) => text.replace('git-lfs.github.com', 'hawser.github.com'),
      extension: (text: string) => text.replace('\noid', `\next-0-foo sha256:${'a'.repeat(64)}\noid`),
      'other version': (text: string) => text.replace('spec/v1', 'spec/v9'),
      'upper-case oid': (text: string) => text.replace(/[0-9a-f]{64}/, oid => oid.toUpperCase()),
      'short oid': (text: string) => text.replace(/([0-9a-f]{63})[0-9a-f]/, '$1'),
      'other hash': (text: string) => text.replace('sha256:', 'sha512:'),
      'extra key': (text: string) => `${text}x y\n`,
      'key before': (text: string) => text.replace('\noid', '\nkey value\noid'),
      'other order': (text: string) => text.replace(/(oid .*\n)(size .*\n)/, '$2$1'),
      'no size': (text: string) => text.replace(/size .*\n/, ''),
      'negative size': (text: string) => text.replace('size ', 'size -'),
      'too long': (text: string) => `${text}${'\n'.repeat(1024 - text.length)}`,
      'just short enough': (text: string) => `${text}${'\n'.repeat(1023 - text.length)}`,
      'in prose': (text: string) => `See:\n${text}`,
    }).map(([name, change]) => [name, change(own(name))]),
  )
  await commitLfs(source, 'main', { 'a.bin': 100 }, { files: { ...files, empty: '', 'empty.bin': '' } })
  const { stdout } = await git(source, ['lfs', 'ls-files', '--long', 'main'])
  const known = new Set(stdout.split('\n').map(line => line.split(' ')[0] ?? ''))
  // An object behind an extension is moved, too, and so is one whose pointer has other line ends.
  expect(known.size).toBeGreaterThan(7)
  expect(known.size).toBeLessThan(12)
  const report = await run()
  expect(report).toMatchObject({ status: 'updated', inSync: true, lfs: { moved: { objects: known.size }, failed: { objects: 0 } } })
  expect(new Set(storedObjects(destination).keys())).toEqual(known)
  // More than these stands in the files, but is no pointer.
  expect((await check()).filter(line => !line.startsWith('missing: '))).toEqual([])
})

test('a hundred small objects and one more: asked for by the hundred, each sent once', async () => {
  const { destination, run, check, source } = await pair()
  const files = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`${i % 10}/${i}.bin`, 1000 + i]))
  await commitLfs(source, 'main', files)
  for (let i = 0; i < 90; i += 1) storeObject(destination, { size: 1000 + i, seed: `${i % 10}/${i}.bin` })
  const bytes = Array.from({ length: 11 }, (_, i) => 1090 + i).reduce((sum, size) => sum + size)
  // Each object is requested in the same way, and a server needs a second to send a hundred.
  const report = await run({ 'repository-url': source, token: '' })
  expect(report).toMatchObject({ inSync: true, lfs: { moved: { objects: 11, bytes }, present: { objects: 90 } } })
  expect(server.moved()).toEqual({ uploads: 11, uploadedBytes: bytes, downloads: 0, downloadedBytes: 0 })
  // Asked what is there, where to put the rest, and whether it has come.
  const batches = server.answered.filter(({ kind }) => kind === 'batch')
  expect(batches.map(({ objects }) => objects.length)).toEqual([100, 1, 11, 11])
  expect(new Set(batches.map(({ repository }) => repository))).toEqual(new Set([nameOf(destination)]))
  expect(await check()).toEqual([])
})

test('a destination is asked for a thousand objects at most by one git-lfs, which says nothing all the while', async () => {
  const { source, run } = await pair()
  // The destination has all but one, which the source has not: the request for it is the end of the first thousand.
  const oids = Array.from({ length: 1001 }, (_, i) => i.toString(16).padStart(64, '0'))
  await commitLfs(source, 'main', {}, { files: Object.fromEntries(oids.map(oid => [`${oid}.bin`, pointer(oid, 1)])) })
  const upload = { actions: { upload: { href: server.origin } } }
  server.intervene = ({ operation, objects }) =>
    operation === 'upload'
      ? { status: 200, body: { objects: objects.map(oid => ({ oid, size: 1, ...(oid === oids[0] && upload) })) } }
      : null
  const report = await run()
  expect(report).toMatchObject({
    outcomes: { main: 'rejected lfs-object-missing' },
    lfs: { present: { objects: 1000 }, failed: { objects: 1 } },
  })
  const asked = server.answered.slice(
    0,
    server.answered.findIndex(({ repository }) => repository === nameOf(source)),
  )
  expect(new Set(asked.flatMap(({ objects }) => objects)).size).toBe(1000)
})
