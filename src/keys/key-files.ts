import { type FileHandle, open, rm } from 'node:fs/promises'
import { Failure } from '../errors/failure.ts'

/**
 * Writes a key pair to PATH (0600) and PATH.pub (0644), or nothing. Existing files are never written to, not even through a link (O_EXCL).
 * @throws Failure `settings-invalid` if a file exists or cannot be created
 */
export async function writeKeyFiles(path: string, files: { readonly privateKey: string; readonly publicKey: string }): Promise<void> {
  const opened: { readonly file: FileHandle; readonly path: string }[] = []
  const create = async (name: string, mode: number): Promise<FileHandle> => {
    const file = await open(name, 'wx', mode)
    opened.push({ file, path: name })
    // The umask may have removed bits of the mode.
    await file.chmod(mode)
    return file
  }
  try {
    const privateFile = await create(path, 0o600)
    const publicFile = await create(`${path}.pub`, 0o644)
    await privateFile.writeFile(files.privateKey)
    await publicFile.writeFile(`${files.publicKey}\n`)
  } catch (error) {
    for (const { path: made } of opened) await rm(made, { force: true })
    throw notWritten(error, path)
  } finally {
    for (const { file } of opened) await file.close()
  }
}

function notWritten(error: unknown, path: string): Failure {
  const { code, path: subject = path, message } = error as NodeJS.ErrnoException
  const details = { hint: 'give another path with `--out`', cause: error }
  const fault = code === 'EEXIST' ? 'exists already, and no file is overwritten' : `cannot be written: ${message}`
  return new Failure('settings-invalid', `--out: "${subject}" ${fault}`, details)
}
