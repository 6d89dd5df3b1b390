import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { run } from '../support/child-process.ts'
import { gitEnvironment } from '../support/git-repository.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const ADVISORY = { id: 1, url: 'https://advisories.example/1', title: 'Bad', severity: 'high', vulnerable_versions: '<2' }
const VERSION = { name: 'one', version: '1.0.0' }

let server: Server | null = null
afterEach(() => void server?.close())

/** `npm run audit` in a project with one package. @param status and answer of the registry */
async function audit(status: number, answer: object) {
  server = createServer((request, response) => {
    request.resume()
    const packument = { name: 'one', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': VERSION } }
    response.writeHead(request.method === 'POST' ? status : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(request.method === 'POST' ? answer : packument))
  })
  await new Promise<void>(resolve => server?.listen(0, '127.0.0.1', resolve))
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const cwd = temporaryDirectory()
  const root = { name: 'project', version: '1.0.0', dependencies: { one: '1.0.0' } }
  const packages = { '': root, 'node_modules/one': { version: '1.0.0' } }
  writeFileSync(join(cwd, 'package.json'), JSON.stringify(root))
  writeFileSync(join(cwd, 'package-lock.json'), JSON.stringify({ ...root, lockfileVersion: 3, packages }))
  writeFileSync(join(cwd, '.npmrc'), `registry=${registry}\nfetch-retries=0\ncache=${join(cwd, 'cache')}\n`)
  const { code, stdout } = await run(process.execPath, [join(process.cwd(), 'tools/audit.mjs')], { cwd, env: gitEnvironment() })
  return { code, stdout }
}

test.each<[string, number, object, number, RegExp]>([
  ['a registry without an audit: reported, not failed', 404, {}, 0, /^not checked: the registry has no audit \(it answers 404\)\n$/],
  ['a registry that fails', 500, {}, 1, /^the registry could not be asked: .*500/],
  ['no vulnerabilities', 200, {}, 0, /^no known vulnerabilities\n$/],
  ['a vulnerability', 200, { one: [ADVISORY] }, 1, /^one \*: high: https:\/\/advisories\.example\/1\nupdate these packages/],
])('%s', async (_, status, answer, code, stdout) => {
  expect(await audit(status, answer)).toEqual({ code, stdout: expect.stringMatching(stdout) })
})
