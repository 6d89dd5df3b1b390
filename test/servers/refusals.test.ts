// Refusals of whole servers and of their checks, as a run reports them by both transfers.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Kind } from '../../src/errors/kinds.ts'
import { commit, createBare, fsck, git } from '../support/git-repository.ts'
import { runMirror } from '../support/mirror.ts'

/** By the first part of the path: status, type and body of each answer. */
const ANSWERS: Readonly<Record<string, readonly [number, string, string]>> = {
  'sign-in': [203, 'text/html', '<html><title>Sign in to your account</title></html>'],
  malformed: [400, 'text/html', ''],
  suspended: [403, 'text/plain', 'Your account is suspended. Please visit https://support.github.com for more information.\n'],
  disabled: [403, 'text/plain', 'Access to this repository has been disabled by GitHub staff.\n'],
  locked: [423, 'text/html', ''],
  legal: [451, 'text/html', ''],
}

let server: Server
beforeAll(async () => {
  server = createServer((request, response) => {
    const [status, type, body] = ANSWERS[request.url?.split('/')[1] ?? ''] ?? [404, 'text/plain', '']
    response.writeHead(status, { 'Content-Type': type }).end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

describe.each(['relay', 'git'] as const)('%s', transfer => {
  // git shows no text of an answer that it takes for success.
  test.each<[string, Kind, Kind?]>([
    ['sign-in', 'credentials-refused', 'not-a-repository'],
    ['malformed', 'bad-request'],
    ['suspended', 'account-blocked'],
    ['disabled', 'repository-blocked'],
    ['locked', 'read-only-for-now'],
    ['legal', 'repository-blocked'],
  ])('a server that answers "%s"', async (path, kind, byGit = kind) => {
    const source = await createBare()
    await commit(source, 'main')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}/r.git`
    const inputs = { 'repository-url': source, 'remote-url': url, 'allow-insecure-http': 'true', 'auth-secret': 'tok' }
    const { failure } = await runMirror({ ...inputs, transfer })
    expect(failure).toMatchObject({ kind: transfer === 'git' ? byGit : kind, side: 'there' })
    if (path === 'sign-in') expect(failure?.hint).toMatch(/token/)
  })

  test('`receive.fsckObjects` refuses the branch whose history has a bad object, and takes the others', async () => {
    const [source, destination] = [await createBare(), await createBare()]
    await commit(source, 'main', { files: { a: '1' } })
    const { stdout: blob } = await git(source, ['rev-parse', 'main:a'])
    const tree = Buffer.concat([Buffer.from('0100644 a\0'), Buffer.from(blob, 'hex')])
    const { stdout: oid } = await git(source, ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], { input: tree })
    const { stdout: tip } = await git(source, ['commit-tree', '-m', 'x', oid])
    await git(source, ['update-ref', 'refs/heads/old', tip])
    await git(destination, ['config', 'receive.fsckObjects', 'true'])
    const report = await runMirror({ 'repository-url': source, 'remote-url': destination, transfer })
    expect(report).toMatchObject({ status: 'partial', outcomes: { main: 'created', old: 'rejected history-refused' } })
    const refused = report.refs.find(({ ref }) => ref === 'refs/heads/old')
    expect(refused?.reason).toContain(`object ${oid}: zeroPaddedFilemode`)
    expect(refused?.hint).toContain('git config receive.fsck.<id> ignore')
    await fsck(destination)
    await git(destination, ['config', 'receive.fsck.zeroPaddedFilemode', 'ignore'])
    expect((await runMirror({ 'repository-url': source, 'remote-url': destination, transfer })).outcomes).toMatchObject({ old: 'created' })
  })
})
