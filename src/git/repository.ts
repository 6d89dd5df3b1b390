import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { classify } from '../errors/error-table.ts'
import { Failure } from '../errors/failure.ts'
import { collectText } from './output.ts'
import { type ProcessOptions, startGit, throwIfEnded } from './process.ts'
import { type LocalGit, runLocalGit } from './run.ts'

/** Makes an empty bare repository unless it exists. @param directory below one that exists @returns the directory @throws Failure `internal`; the signal's reason */
export async function createRepository(directory: string, objectFormat: string, local: ProcessOptions): Promise<string> {
  await mkdir(directory, { recursive: true })
  const result = await runLocalGit(['init', '--quiet', '--bare', `--object-format=${objectFormat}`, '--template=', '.'], {
    ...local,
    cwd: directory,
  })
  if (result.exitCode !== 0) throw new Failure('internal', 'the temporary repository could not be created', { detail: result.stderr })
  return directory
}

/**
 * Stores a pack in a repository while it arrives (git-index-pack(1)). Objects that it refers to may be missing.
 * @param pack not thin
 * @returns the file that holds the pack unchanged
 * @throws Failure `protocol-error`, or what git's words say, if git cannot store it; `answer-too-large`, `disk-full`; the signal's reason; whatever the pack throws
 */
export async function indexPack(pack: AsyncIterable<Buffer>, repository: LocalGit): Promise<string> {
  const git = startGit(['index-pack', '--stdin'], repository)
  const stderr = collectText([git.stderr])
  const stdout = collectText([git.stdout])
  try {
    await pipeline(Readable.from(pack), git.stdin).catch((error: NodeJS.ErrnoException) => {
      // git ended before the pack did: either it has the whole pack, or its exit code says why.
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
    })
    const code = await git.exit
    repository.signal?.throwIfAborted()
    throwIfEnded(git)
    // `pack`, a tab, and the name.
    const [, name] = /^pack\t([0-9a-f]+)$/m.exec(stdout()) ?? []
    if (code !== 0 || name === undefined) throw packFailure(stderr())
    return join(repository.cwd, 'objects', 'pack', `pack-${name}.pack`)
  } finally {
    git.kill()
  }
}

function packFailure(detail: string): Failure {
  const kind = classify(detail)?.kind ?? 'protocol-error'
  const what = kind === 'disk-full' ? 'this machine is full: the pack could not be stored' : 'git cannot read the pack'
  return new Failure(kind, what, { detail })
}
