import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { emptyPack } from '../../src/wire/pack-entry.ts'
import { encodePacket } from '../../src/wire/pkt-line.ts'
import { commit, createBare, fsck, git, refsOf } from '../support/git-repository.ts'
import { runMirror } from '../support/mirror.ts'

// A source that advertises what it does not have: the name of an object that only the destination has, and no longer shows.

const FLUSH = Buffer.from('0000')
const packets = (...parts: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map(part => (typeof part === 'string' ? encodePacket(part) : part)))

let server: Server
let origin = ''
/** Refs that it advertises. */
let advertised: readonly (readonly [name: string, oid: string])[] = []
beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

/** Speaks version 2; each pack is empty. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const type = request.method === 'GET' ? 'advertisement' : 'result'
  response.setHeader('content-type', `application/x-git-upload-pack-${type}`)
  const asked = await text(request)
  if (type === 'advertisement')
    return void response.end(
      packets('# service=git-upload-pack\n', FLUSH, 'version 2\n', 'agent=git/2.50.0\n', 'ls-refs\n', 'fetch=filter\n', FLUSH),
    )
  const refs = advertised.map(([name, oid]) => `${oid} ${name}\n`)
  const pack = packets('packfile\n', Buffer.concat([Buffer.from('0025\x01', 'latin1'), emptyPack('sha1')]), FLUSH)
  response.end(asked.includes('command=ls-refs') ? packets(...refs, FLUSH) : pack)
}

/** A repository with a commit that no ref leads to any more. */
async function createHere(): Promise<{ here: string; shown: string; hidden: string }> {
  const here = await createBare()
  const shown = await commit(here, 'main', { files: { a: '1' } })
  const hidden = await commit(here, 'main', { files: { secret: 'pushed by mistake' } })
  await git(here, ['update-ref', 'refs/heads/main', shown])
  return { here, shown, hidden }
}

describe.each(['relay', 'auto'])('by %s', transfer => {
  const pull = (here: string) =>
    runMirror({
      ...{ direction: 'pull', 'repository-url': here, 'remote-url': `${origin}/p.git`, 'allow-insecure-http': 'true' },
      ...{ transfer, 'allow-unrelated': 'true', retries: '0' },
    })

  test('an object that only the destination has, and hides, is not published there', async () => {
    const { here, shown, hidden } = await createHere()
    advertised = [
      ['refs/heads/main', shown],
      ['refs/heads/stolen', hidden],
    ]
    const before = await refsOf(here)
    const report = await pull(here)
    expect(report.inSync).toBe(false)
    const message = `the source does not send the object ${hidden}, which it has according to its refs`
    if (transfer === 'relay') expect(report).toMatchObject({ status: 'failed', failure: { side: 'there', message } })
    // Git names the ref that lacks it.
    else
      expect(report.refs).toContainEqual(expect.objectContaining({ ref: 'refs/heads/stolen', outcome: 'rejected', code: 'source-damaged' }))
    expect(await refsOf(here)).toEqual(before)
    await fsck(here)
  })

  test('one that the destination shows needs no pack', async () => {
    const { here, shown } = await createHere()
    advertised = [
      ['refs/heads/main', shown],
      ['refs/heads/other', shown],
    ]
    expect(await pull(here)).toMatchObject({ status: 'updated', inSync: true })
    expect((await refsOf(here)).get('refs/heads/other')).toBe(shown)
    await fsck(here)
  })
})
