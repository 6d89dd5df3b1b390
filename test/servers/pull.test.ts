import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commit, createBare, refsOf } from '../support/git-repository.ts'
import { runMirror } from '../support/mirror.ts'

/** Stands before a server for git as GitHub does: whoever asks may read, and is told in plain text that he may not write. */
let front: Server
let http: GitHttp
let refusal = ''
beforeAll(async () => {
  http = await startGitHttp()
  const authorization = `Basic ${Buffer.from(`${http.user}:${http.token}`).toString('base64')}`
  front = createServer((message, response) => {
    if (message.url?.includes('git-receive-pack')) {
      response.writeHead(403, { 'Content-Type': 'text/plain; charset=utf-8' }).end(refusal)
      return
    }
    const { host: _, ...headers } = message.headers
    const onward = request(`${http.plainOrigin}${message.url}`, { method: message.method ?? 'GET', headers: { ...headers, authorization } })
    onward.on('response', answer => answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers)))
    onward.on('error', () => response.destroy())
    message.pipe(onward)
  })
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
})
afterAll(async () => {
  front?.closeAllConnections()
  front?.close()
  await http?.stop()
})

const TEXTS = ['Permission to o/r.git denied to github-actions[bot].', 'Write access to repository not granted.']

test.each(['relay', 'git'].flatMap(transfer => TEXTS.map((text, index) => ({ transfer, text, index }))))(
  'a pull with a token of the run that may only read: $transfer, "$text"',
  async ({ transfer, text, index }) => {
    refusal = text
    const name = `${transfer}-${index}`
    const here = await http.createRepository(name)
    const there = await createBare()
    await commit(there, 'main')
    const report = await runMirror({
      ...{ 'repository-url': `http://127.0.0.1:${(front.address() as AddressInfo).port}/git/${name}.git`, token: 'ghs_0123456789' },
      ...{ 'remote-url': there, direction: 'pull', transfer, 'allow-insecure-http': 'true' },
    })
    expect(report).toMatchObject({
      status: 'failed',
      failure: {
        ...{ kind: 'token-read-only', fault: 'auth', side: 'here', hint: expect.stringContaining('`permissions: contents: write`') },
        detail: expect.stringContaining(text),
      },
    })
    expect([...(await refsOf(here)).keys()]).toEqual([])
  },
)
