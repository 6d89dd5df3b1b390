// The tables of both directions by a server that does not tell which refs are symbolic: the same rows, the same outcomes. `git/two-way-table` has git's own.
import { appendFileSync, symlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, test } from '@jest/globals'
import { daemonTransport } from '../support/git-daemon.ts'
import { type JgitDaemon, startJgitDaemon } from '../support/jgit.ts'
import { checkTwoWayTable } from '../support/two-way-rows.ts'

let jgit: JgitDaemon
beforeAll(async () => {
  jgit = await startJgitDaemon()
})
afterAll(async () => await jgit?.stop())

test.each([
  ['JGit, v0', 0, true],
  ['JGit, v2', 2, false],
] as const)('%s: the table', async (name, protocol, keepDivergent) => {
  const served = await jgit.createRepository(name.replaceAll(/\W/g, ''))
  await rm(served, { recursive: true })
  await checkTwoWayTable('relay', keepDivergent, ({ there }) => {
    symlinkSync(there, served)
    // As forges have it.
    appendFileSync(join(there, 'config'), '[uploadpack]\n\tallowFilter = true\n')
    const way = () => {
      const transport = daemonTransport({
        host: '127.0.0.1',
        port: jgit.port,
        path: jgit.path(name.replaceAll(/\W/g, '')),
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
