import { execFileSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import { indexPack } from '../../src/git/repository.ts'
import { commit, createBare, git, gitEnvironment } from '../support/git-repository.ts'

/** A repository with one commit, as a pack. */
async function createPack(): Promise<{ pack: Buffer; tip: string }> {
  const source = await createBare()
  const tip = await commit(source, 'main', { files: { a: '1\n' } })
  const options = { cwd: source, env: gitEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] as ['ignore', 'pipe', 'inherit'] }
  return { pack: execFileSync('git', ['pack-objects', '-q', '--all', '--stdout'], options), tip }
}

const typeIn = async (cwd: string, oid: string): Promise<string> => (await git(cwd, ['cat-file', '-t', oid], { allowFailure: true })).stdout

async function* pieces(...all: readonly (Buffer | Error)[]): AsyncGenerator<Buffer> {
  for (const piece of all) {
    if (piece instanceof Error) throw piece
    yield piece
  }
}

test('a pack that comes in pieces is stored', async () => {
  const [cwd, { pack, tip }] = [await createBare(), await createPack()]
  await indexPack(pieces(pack.subarray(0, 5), pack.subarray(5)), { env: gitEnvironment(), cwd })
  expect(await typeIn(cwd, tip)).toBe('commit')
})

test('git ends once it has the whole pack, be the source at its end or not', async () => {
  const [cwd, { pack, tip }] = [await createBare(), await createPack()]
  const left = [pack]
  const end = { done: true, value: undefined } as const
  const abandoned = new AbortController()
  const waiting = new Promise<typeof end>(resolve => abandoned.signal.addEventListener('abort', () => resolve(end)))
  const slow: AsyncIterable<Buffer> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const value = left.shift()
        return value === undefined ? await waiting : { done: false, value }
      },
      return: async () => {
        abandoned.abort()
        return end
      },
    }),
  }
  await indexPack(slow, { env: gitEnvironment(), cwd })
  expect(await typeIn(cwd, tip)).toBe('commit')
})

test('what is no whole pack is not stored', async () => {
  const [cwd, { pack, tip }] = [await createBare(), await createPack()]
  const options = { env: gitEnvironment(), cwd }
  await expect(indexPack(pieces(pack.subarray(0, -1)), options)).rejects.toMatchObject({
    kind: 'connection-lost',
    detail: expect.stringMatching(/./),
  })
  await expect(indexPack(pieces(Buffer.alloc(2 ** 20)), options)).rejects.toMatchObject({ kind: 'protocol-error' })
  const lost = new Failure('connection-lost', 'gone')
  await expect(indexPack(pieces(pack.subarray(0, 20), lost), options)).rejects.toBe(lost)
  expect(await typeIn(cwd, tip)).toBe('')
})
