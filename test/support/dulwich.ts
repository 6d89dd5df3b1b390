import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { end } from './child-process.ts'
import { createBare, gitEnvironment } from './git-repository.ts'
import { startListening } from './listening.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const PYTHON = fileURLToPath(new URL('../../.tools/python/bin/python', import.meta.url))
const LAUNCHER = fileURLToPath(new URL('dulwich_server.py', import.meta.url))

/** Dulwich, git written in Python, as a smart HTTP server on 127.0.0.1. It takes reads and pushes without a login. */
export interface Dulwich {
  /** Address of a repository. */
  url(name: string): string
  /** Makes an empty bare repository; gives its directory. */
  createRepository(name: string): Promise<string>
  stop(): Promise<void>
}

/** `script/test` installs what this starts. Stop it at the end of the test file. */
export async function startDulwich(): Promise<Dulwich> {
  const directory = temporaryDirectory()
  const repositories = join(directory, 'repositories')
  mkdirSync(repositories)
  const { child, port } = await startListening(PYTHON, [LAUNCHER, repositories], gitEnvironment())
  return {
    url: name => `http://127.0.0.1:${port}/${name}.git`,
    createRepository: name => createBare(join(repositories, `${name}.git`)),
    async stop() {
      await end(child)
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
