import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Failure } from '../errors/failure.ts'
import { type StreamOptions, startGit } from './stream.ts'

/**
 * Puts a pack into a repository as it arrives (git-index-pack(1)). What its objects lead to need not be there.
 * @param pack not thin
 * @returns the file in which it is, as it came
 * @throws Failure `internal` where git cannot read it; whatever the pack throws
 */
export async function indexPack(pack: AsyncIterable<Buffer>, options: StreamOptions & { readonly cwd: string }): Promise<string> {
  const git = startGit(['index-pack', '--stdin'], options)
  const words: Buffer[] = []
  git.stderr.on('data', (piece: Buffer) => void words.push(piece))
  const names: Buffer[] = []
  git.stdout.on('data', (piece: Buffer) => void names.push(piece))
  try {
    await pipeline(Readable.from(pack), git.stdin).catch((error: NodeJS.ErrnoException) => {
      // It has ended before the pack did: with all of it, or it says why itself.
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
    })
    const code = await git.exit
    // `pack`, a tab, and the name.
    const [, name] = /^pack\t([0-9a-f]+)$/m.exec(Buffer.concat(names).toString('latin1')) ?? []
    if (code !== 0 || name === undefined)
      throw new Failure('internal', 'the objects of the source could not be stored', { detail: Buffer.concat(words).toString('utf8') })
    return join(options.cwd, 'objects', 'pack', `pack-${name}.pack`)
  } finally {
    git.kill()
  }
}
