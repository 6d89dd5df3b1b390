import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Failure } from '../failure.ts'
import { type StreamOptions, startGit } from './stream.ts'

/**
 * Puts a pack into a repository as it arrives (git-index-pack(1)). What its objects lead to need not be there.
 * @param pack not thin
 * @throws Failure `internal` where git cannot read it; whatever the pack throws
 */
export async function indexPack(pack: AsyncIterable<Buffer>, options: StreamOptions): Promise<void> {
  const git = startGit(['index-pack', '--stdin'], options)
  const words: Buffer[] = []
  git.stderr.on('data', (piece: Buffer) => void words.push(piece))
  git.stdout.resume()
  try {
    await pipeline(Readable.from(pack), git.stdin).catch((error: NodeJS.ErrnoException) => {
      // It has ended before the pack did: with all of it, or it says why itself.
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
    })
    const code = await git.exit
    if (code !== 0)
      throw new Failure('internal', 'the objects of the source could not be stored', { detail: Buffer.concat(words).toString('utf8') })
  } finally {
    git.kill()
  }
}
