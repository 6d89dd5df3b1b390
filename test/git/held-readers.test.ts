import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'
import { commit, createBare } from '../support/git-repository.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

// Other systems do not show the memory of a process.
const onLinux = process.platform === 'linux' ? test : test.skip

onLinux('a git that is ended for its memory: each reader of it ends, and its failure says so', async () => {
  const repository = await createBare()
  const tip = await commit(repository, 'main', { files: { a: '1' } })
  const { stdout } = await promisify(execFile)(process.execPath, ['test/support/held-readers.ts', temporaryDirectory(), repository, tip])
  const message = 'answer-too-large: git held took 4.0 GiB of memory for the objects of the repository'
  expect(JSON.parse(stdout)).toEqual([
    ['indexPack', 'index-pack', message],
    ['readParents', 'cat-file', message],
    ['readParents', 'rev-list', message],
    ['readSmallBlobs', 'rev-list', message],
    ['readSmallBlobs', 'cat-file', message],
    ['commitsOutside', 'rev-list', message],
  ])
})
