import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import {
  commit,
  commitAll,
  compareRefs,
  createBare,
  createScratch,
  fsck,
  git,
  gitEnvironment,
  installHook,
  refsOf,
} from '../support/git-repository.ts'

/** The file of an object that is in no pack. */
const fileOf = (bare: string, oid = ''): string => join(bare, 'objects', oid.slice(0, 2), oid.slice(2))

/** Git makes its objects read-only. */
function replace(file: string, content: string | Buffer): void {
  rmSync(file)
  writeFileSync(file, content)
}

describe('git', () => {
  test('sees no configuration but its own', async () => {
    const bare = await createBare()
    const { stdout } = await git(bare, ['config', '--list', '--show-scope'])
    expect(stdout).not.toMatch(/^(system|global)\t/m)
    expect(stdout).toMatch(/^local\treceive.autogc=false$/m)
    expect(gitEnvironment()).toMatchObject({ HOME: '/nonexistent', LC_ALL: 'C' })
    expect(gitEnvironment()).not.toHaveProperty('SSH_AUTH_SOCK')
  })

  test('throws a failure with its words, or gives it back when allowed', async () => {
    const bare = await createBare()
    await expect(git(bare, ['cat-file', '-p', 'nothing'])).rejects.toThrow(/ended with 128\n.*Not a valid object name nothing/)
    await expect(git(bare, ['cat-file', '-p', 'nothing'], { allowFailure: true })).resolves.toMatchObject({ code: 128, stdout: '' })
  })

  test('gives input to a program that does not read it', async () => {
    const { stdout } = await git(await createBare(), ['rev-parse', '--is-bare-repository'], { input: 'x'.repeat(1_000_000) })
    expect(stdout).toBe('true')
  })
})

describe('commit', () => {
  test('goes on from the tip of the branch and keeps its files', async () => {
    const bare = await createBare()
    const first = await commit(bare, 'main', { files: { a: '1', 'dir/ü "b"': '2' } })
    const second = await commit(bare, 'main', { files: { a: null, c: '3\n' }, message: 'second' })
    expect(await refsOf(bare)).toEqual(new Map([['refs/heads/main', second]]))
    expect((await git(bare, ['rev-list', 'main'])).stdout).toBe(`${second}\n${first}`)
    expect((await git(bare, ['ls-tree', '-r', '-z', '--name-only', 'main'])).stdout).toBe('c\0dir/ü "b"\0')
    expect((await git(bare, ['show', 'main:c'])).stdout).toBe('3')
    await fsck(bare)
  })

  test('rewrites a branch, without a parent and without the files it had', async () => {
    const bare = await createBare()
    const old = await commit(bare, 'main', { files: { a: '1' } })
    const root = await commit(bare, 'main', { parents: [], files: { b: '1' } })
    expect((await git(bare, ['rev-list', 'main'])).stdout).toBe(root)
    expect((await git(bare, ['ls-tree', '--name-only', 'main'])).stdout).toBe('b')
    await commit(bare, 'main', { parents: [old] })
    expect((await git(bare, ['rev-parse', 'main^'])).stdout).toBe(old)
  })

  test('builds a history with branches and a merge in one go', async () => {
    const bare = await createBare(undefined, { objectFormat: 'sha256' })
    const oids = await commitAll(bare, [
      { branch: 'main', files: { a: '1' } },
      { branch: 'topic/x', parents: [0], files: { b: '1' } },
      { branch: 'main', files: { a: '2' } },
      { branch: 'main', parents: [2, 1] },
    ])
    expect(oids.every(oid => /^[0-9a-f]{64}$/.test(oid))).toBe(true)
    expect((await git(bare, ['rev-parse', 'main', 'main^1', 'main^2', 'topic/x', 'topic/x^'])).stdout.split('\n')).toEqual([
      oids[3],
      oids[2],
      oids[1],
      oids[1],
      oids[0],
    ])
    await fsck(bare)
  })

  test('gives each commit a later date and so another oid', async () => {
    const bare = await createBare()
    const one = await commit(bare, 'one', { parents: [], message: 'same' })
    const two = await commit(bare, 'two', { parents: [], message: 'same' })
    expect(one).not.toBe(two)
    const dates = (await git(bare, ['log', '--format=%ct', '--no-walk=unsorted', one, two])).stdout.split('\n').map(Number)
    expect(dates[1]).toBeGreaterThan(dates[0] ?? Number.POSITIVE_INFINITY)
  })
})

describe('refs', () => {
  test('are branches and tags, by full name', async () => {
    const scratch = await createScratch()
    const tip = await commit(scratch, 'main')
    await git(scratch, ['tag', '-a', '-m', 'one', 'v1', tip])
    await git(scratch, ['update-ref', 'refs/notes/commits', tip])
    const refs = await refsOf(scratch)
    expect([...refs.keys()]).toEqual(['refs/heads/main', 'refs/tags/v1'])
    expect(refs.get('refs/tags/v1')).not.toBe(tip)
  })

  test('are compared name by name', () => {
    const left = new Map([
      ['refs/heads/a', '1'],
      ['refs/heads/b', '2'],
    ])
    const right = new Map([
      ['refs/heads/a', '1'],
      ['refs/heads/b', '3'],
      ['refs/tags/v', '4'],
    ])
    expect(compareRefs(left, left)).toEqual([])
    expect(compareRefs(left, right)).toEqual(['refs/heads/b: 2, 3', 'refs/tags/v: absent, 4'])
  })
})

describe('fsck', () => {
  test('accepts an empty repository and a dangling commit', async () => {
    const bare = await createBare()
    await fsck(bare)
    await commit(bare, 'main')
    await commit(bare, 'main', { parents: [] })
    await fsck(bare)
  })

  test('throws what is wrong', async () => {
    const bare = await createBare()
    const tip = await commit(bare, 'main', { files: { a: '1' } })
    const tree = (await git(bare, ['rev-parse', `${tip}^{tree}`])).stdout
    await git(bare, ['update-ref', '-d', 'refs/heads/main'])
    const bad = (await git(bare, ['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'], { input: `tree ${tree}\n\nno author\n` }))
      .stdout
    writeFileSync(join(bare, 'refs/heads/main'), `${bad}\n`)
    await expect(fsck(bare)).rejects.toThrow(/missingAuthor/)
  })

  test.each<[what: string, words: RegExp, spoil: (bare: string, oids: readonly string[]) => void]>([
    ['a blob is missing', /missing blob/, (bare, [, , blob]) => rmSync(fileOf(bare, blob))],
    ['a tree is missing', /missing tree/, (bare, [, tree]) => rmSync(fileOf(bare, tree))],
    ['a parent is missing', /missing commit/, (bare, [, , , parent]) => rmSync(fileOf(bare, parent))],
    [
      'an object has the name of another one',
      /mismatch/,
      (bare, [, tree, blob]) => replace(fileOf(bare, blob), readFileSync(fileOf(bare, tree))),
    ],
    ['an object is cut off', /corrupt/, (bare, [, , blob]) => replace(fileOf(bare, blob), 'x')],
    ['a ref leads to nothing', /invalid sha1 pointer/, bare => writeFileSync(join(bare, 'refs/heads/b'), `${'1'.repeat(40)}\n`)],
    ['a branch is a blob', /not a commit/, (bare, [, , blob]) => writeFileSync(join(bare, 'refs/heads/b'), `${blob}\n`)],
  ])('throws where %s', async (_, words, spoil) => {
    const bare = await createBare()
    const parent = await commit(bare, 'main', { files: { a: '1' } })
    await commit(bare, 'main', { files: { a: '2' } })
    const { stdout } = await git(bare, ['rev-parse', 'main', 'main:', 'main:a'])
    await fsck(bare)
    spoil(bare, [...stdout.split('\n'), parent])
    await expect(fsck(bare)).rejects.toThrow(words)
  })
})

test('a hook refuses what it is told to', async () => {
  const [from, to] = [await createBare(), await createBare()]
  const tip = await commit(from, 'main')
  installHook(to, 'update', 'echo "no $1" >&2; exit 1')
  expect(existsSync(join(to, 'hooks/update'))).toBe(true)
  const push = await git(from, ['push', '--porcelain', to, `${tip}:refs/heads/main`], { allowFailure: true })
  expect(push.code).toBe(1)
  expect(push.stderr).toContain('remote: no refs/heads/main')
  expect(await refsOf(to)).toEqual(new Map())
})
