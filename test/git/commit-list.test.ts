import { expect, test } from '@jest/globals'
import { readParents } from '../../src/git/objects.ts'
import { commit, createBare, git, gitEnvironment } from '../support/git-repository.ts'

test('commits with their parents, however many, as git lists them; and no list is longer than its limit', async () => {
  const cwd = await createBare()
  const root = await commit(cwd, 'main', { files: { a: '1' } })
  const tree = (await git(cwd, ['rev-parse', `${root}^{tree}`])).stdout.trim()
  const children: string[] = []
  for (let index = 0; index < 3; index++)
    children.push((await git(cwd, ['commit-tree', tree, '-p', root, '-m', `child ${index}`])).stdout.trim())
  // git itself lists no parent twice. This line is longer than a pipe.
  const missing = Array.from({ length: 3000 }, (_, index) => index.toString(16).padStart(40, '0').replace(/^0/, 'a'))
  const text = [
    `tree ${tree}`,
    ...[...children, ...missing].map(parent => `parent ${parent}`),
    'author A <a@b> 0 +0000',
    'committer A <a@b> 0 +0000',
    '',
    'all',
  ]
  const octopus = (await git(cwd, ['hash-object', '-t', 'commit', '-w', '--stdin'], { input: text.join('\n') })).stdout.trim()
  const local = { cwd, env: gitEnvironment() }
  const parents = await readParents(local)
  expect(parents).toEqual(
    new Map<string, readonly string[]>([
      [root, []],
      ...children.map(child => [child, [root]] as const),
      [octopus, [...children, ...missing]],
    ]),
  )
  const bytes = 41 * (5 + 3 + 3003)
  await expect(readParents(local, bytes)).resolves.toEqual(parents)
  await expect(readParents(local, bytes - 1)).rejects.toMatchObject({ kind: 'relay-impossible' })
})

test('a commit that is none is a fault of the source', async () => {
  const cwd = await createBare()
  await git(cwd, ['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'], { input: 'hello' })
  await expect(readParents({ cwd, env: gitEnvironment() })).rejects.toMatchObject({ kind: 'source-damaged' })
})
