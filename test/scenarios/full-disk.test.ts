// A runner whose disk is full: each write to /dev/full fails with ENOSPC. Only a user with special rights can make a disk that really fills.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runMain, type StepResult } from '../support/action-step.ts'
import { commit, createBare, refsOf } from '../support/git-repository.ts'
import { CAPABLE, LISTED, PACK_BEGUN } from '../support/hostile-git-rows.ts'
import { issueCertificates } from '../support/hostile-sides.ts'
import { type HostileWeb, startHostileWeb } from '../support/hostile-web.ts'
import { differences } from '../support/mirror.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

let source: string
beforeAll(async () => {
  source = await createBare()
  await commit(source, 'main', { files: { a: '1' } })
})

async function runWithFull(file: string): Promise<{ readonly destination: string; readonly step: StepResult }> {
  const destination = await createBare()
  const step = await runMain({ 'repository-url': source, 'remote-url': destination }, { env: { [file]: '/dev/full' } })
  expect(step.log).not.toContain('A bug in Repository Mirroring')
  return { destination, step }
}

test.each(['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'])(
  '%s: the mirror is done, the step says what is missing, and the other is written',
  async full => {
    const { destination, step } = await runWithFull(full)
    expect(await differences(source, destination)).toEqual([])
    expect(step.code).toBe(1)
    expect(step.log).toContain(`the file of ${full} could not be written: ENOSPC`)
    expect({ output: 'status' in step.outputs, summary: step.summary !== '' }).toEqual({
      output: full !== 'GITHUB_OUTPUT',
      summary: full !== 'GITHUB_STEP_SUMMARY',
    })
  },
)

// Otherwise its post step would not know that it is one, and mirror again.
test('GITHUB_STATE: the step does not begin', async () => {
  const { destination, step } = await runWithFull('GITHUB_STATE')
  expect(step.code).toBe(1)
  expect(step.log).toContain('::error title=The disk of the runner is full::ENOSPC')
  expect(await differences(source, destination)).not.toEqual([])
})

/** Loaded into the step before its own code: the system says that less is free each time it is asked. */
const SHRINKING = `const fs = require('node:fs')
let blocks = Number(process.env.FREE_BLOCKS)
const some = blocks / 16
fs.statfsSync = () => ({ bsize: 4096, bavail: (blocks -= some) })
require('node:module').syncBuiltinESMExports()
`

const servers: HostileWeb[] = []
afterAll(() => {
  for (const server of servers) server.stop()
})

test.each([
  ['1.0 GiB', 2 ** 22],
  // A quarter of what was free when the fetch began, after a step or more.
  ['240.0 MiB', 2 ** 18],
])('while git receives a pack: git is ended before %s of the disk are left, with both sides as before', async (left, blocks) => {
  const certificates = await issueCertificates()
  const server = await startHostileWeb(certificates)
  servers.push(server)
  server.plan = { greeting: CAPABLE, answers: [LISTED], objects: [...PACK_BEGUN, 'silence'] }
  const [preload, destination] = [join(temporaryDirectory(), 'shrinking.cjs'), await createBare()]
  writeFileSync(preload, SHRINKING)
  const step = await runMain(
    { 'repository-url': `${server.origin}/r.git`, 'remote-url': destination, transfer: 'git', 'ca-certificate': certificates.ca },
    { env: { NODE_OPTIONS: `--require "${preload}"`, FREE_BLOCKS: String(blocks) } },
  )
  expect(step.code).toBe(1)
  expect(step.log).toContain(`Out of disk space: this machine is nearly full: less than ${left} of its disk is left for other programs`)
  expect(step.outputs).toMatchObject({ status: 'failed' })
  expect(step.left).toEqual([])
  expect((await refsOf(destination)).size).toBe(0)
})
