// The tables of both directions by servers that do not tell which refs are symbolic: the same rows, the same outcomes.
import { appendFileSync, symlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, test } from '@jest/globals'
import { daemonTransport, type GitDaemon, startGitDaemon } from '../support/git-daemon.ts'
import { type JgitDaemon, startJgitDaemon } from '../support/jgit.ts'
import { checkTwoWayTable } from '../support/two-way-rows.ts'

let jgit: JgitDaemon
let daemon: GitDaemon
beforeAll(async () => {
  ;[jgit, daemon] = await Promise.all([startJgitDaemon(), startGitDaemon()])
})
afterAll(async () => {
  await Promise.allSettled([jgit, daemon].map(async server => await server?.stop()))
})

test.each([
  ['JGit, v0', () => jgit, 0, true],
  ['JGit, v2', () => jgit, 2, false],
  ['git daemon, v0', () => daemon, 0, false],
] as const)('%s: the table', async (name, serverOf, protocol, keepDivergent) => {
  const server = serverOf()
  const served = await server.createRepository(name.replaceAll(/\W/g, ''))
  await rm(served, { recursive: true })
  await checkTwoWayTable('relay', keepDivergent, ({ there }) => {
    symlinkSync(there, served)
    // As forges have it.
    appendFileSync(join(there, 'config'), '[uploadpack]\n\tallowFilter = true\n')
    const way = () => {
      const transport = daemonTransport({
        host: '127.0.0.1',
        port: server.port,
        path: server.path(name.replaceAll(/\W/g, '')),
        side: 'there',
      })
      return {
        ...transport,
        open: (service: Parameters<typeof transport.open>[0], asked: 0 | 2) => transport.open(service, protocol === 0 ? 0 : asked),
      }
    }
    return { ways: { there: way } }
  })
})
