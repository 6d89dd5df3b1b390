// Servers that refuse a push for what it has too much of: bytes, refs, time, or no length.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type GitHttp, startGitHttp } from '../support/git-http.ts'
import { commitAll, createBare, fsck, git } from '../support/git-repository.ts'
import { type LimitingFront, type Limits, startLimitingFront } from '../support/limiting-front.ts'
import { differences, runMirror } from '../support/mirror.ts'

let http: GitHttp
let front: LimitingFront
/** A long branch of 2 MiB, and three short ones. */
let large: string
let packBytes: number
/** Twelve short branches. */
let many: string
beforeAll(async () => {
  http = await startGitHttp()
  front = await startLimitingFront(http)
  large = await createBare()
  await commitAll(large, [
    ...Array.from({ length: 8 }, (_, index) => ({
      branch: 'main',
      parents: index === 0 ? [] : [index - 1],
      files: { [`file-${index}`]: noise(index) },
    })),
    ...['a', 'b', 'c'].map(branch => ({ branch, parents: [], files: { [branch]: branch } })),
  ])
  packBytes = Number((await git(large, ['rev-list', '--objects', '--all', '--disk-usage'])).stdout)
  many = await createBare()
  await commitAll(
    many,
    Array.from({ length: 12 }, (_, index) => ({ branch: `b${index}`, parents: [], files: { a: `${index}` } })),
  )
})
afterAll(async () => await Promise.allSettled([front?.stop(), http?.stop()]))

/** 256 KiB in a pack. */
const noise = (name: number): string =>
  Buffer.concat(Array.from({ length: 4096 }, (_, index) => createHash('sha512').update(`${name} ${index}`).digest())).toString('latin1')

let count = 0
async function mirror(source: string, transfer: string, limits: Limits) {
  const name = `limited${count++}`
  const there = await http.createRepository(name)
  front.limits = limits
  front.pushes.length = 0
  const report = await runMirror({
    ...{ 'repository-url': source, 'remote-url': `${front.origin}/git/${name}.git`, username: http.user, 'auth-secret': http.token },
    ...{ transfer, retries: '0', 'allow-insecure-http': 'true' },
  })
  return { report, there }
}

async function expectMirrored(source: string, { report, there }: Awaited<ReturnType<typeof mirror>>): Promise<void> {
  expect(report).toMatchObject({ status: 'updated', inSync: true, failure: null })
  expect(await differences(source, there)).toEqual([])
  expect((await git(there, ['for-each-ref', 'refs/mirroring'])).stdout).toBe('')
  await fsck(there)
}

const changesSaid = (log: readonly string[]): string[] =>
  log.flatMap(line => /^the server did not take the push \((.*)\): (.*)/.exec(line)?.slice(1).join(' → ') ?? [])

describe.each(['relay', 'git'])('%s', transfer => {
  // git's own words for 408 and 504 differ from those for 413 in the number alone.
  test.each(transfer === 'relay' ? [413, 408, 504] : [413])('%d for more than 800 KiB', async status => {
    const result = await mirror(large, transfer, { status, bytes: 800 * 1024 })
    await expectMirrored(large, result)
    const [first, ...others] = front.pushes
    expect(first?.isRefused).toBe(true)
    expect(others.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(1.5 * packBytes)
  })

  test('500 for more than five refs', async () => {
    const result = await mirror(many, transfer, { status: 500, refs: 5 })
    await expectMirrored(many, result)
    expect(changesSaid(result.report.log)).toEqual([
      expect.stringMatching(/500.* → with 6 refs at a time$/),
      expect.stringMatching(/500.* → with 3 refs at a time$/),
      expect.stringMatching(/500.* → with 3 refs at a time$/),
    ])
  })

  test('411 for a body whose length is not said', async () => {
    const result = await mirror(large, transfer, { status: 411, length: true })
    await expectMirrored(large, result)
    expect(changesSaid(result.report.log)).toEqual([expect.stringMatching(/411.* → the pack is put on the disk first$/)])
  })
})

test('408 while the source keeps the push waiting: its pack is put on the disk first', async () => {
  const [from, to] = [await startLimitingFront(http), await startLimitingFront(http)]
  try {
    await git(large, ['push', '-q', '--mirror', await http.createRepository('slow')])
    const there = await http.createRepository('stalled')
    // The destination refuses what it was given so far, and only then the source goes on.
    to.limits = { status: 408, slow: 1200 * 1024 }
    from.hold = { after: 1600 * 1024, until: to.refused }
    const report = await runMirror({
      ...{ 'repository-url': `${from.origin}/git/slow.git`, token: http.token, 'allow-insecure-http': 'true' },
      ...{
        'remote-url': `${to.origin}/git/stalled.git`,
        username: http.user,
        'auth-secret': http.token,
        transfer: 'relay',
        lfs: 'false',
        retries: '0',
      },
    })
    await expectMirrored(large, { report, there })
    expect(changesSaid(report.log)).toEqual([expect.stringMatching(/408.* → the pack is put on the disk first$/)])
  } finally {
    await Promise.all([from.stop(), to.stop()])
  }
})
