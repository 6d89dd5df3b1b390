// A runner whose disk is full: each write to /dev/full fails with ENOSPC.
import { beforeAll, expect, test } from '@jest/globals'
import { runMain, type StepResult } from '../support/action-step.ts'
import { commit, createBare } from '../support/git-repository.ts'
import { differences } from '../support/mirror.ts'

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
