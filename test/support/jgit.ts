import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { end } from './child-process.ts'
import { createBare, gitEnvironment } from './git-repository.ts'
import { startListening } from './listening.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const JARS = fileURLToPath(new URL('../../.tools/jgit/*', import.meta.url))
const LAUNCHER = fileURLToPath(new URL('JgitDaemon.java', import.meta.url))

/** JGit, git written in Java, as a server of `git://` on 127.0.0.1. It takes reads and pushes without a login. */
export interface JgitDaemon {
  readonly port: number
  /** Makes an empty bare repository; gives its directory. */
  createRepository(name: string): Promise<string>
  /** How the daemon calls a repository: the path of its URL. */
  path(name: string): string
  url(name: string): string
  stop(): Promise<void>
}

/** `script/test` installs what this starts. Stop it at the end of the test file. */
export async function startJgitDaemon(): Promise<JgitDaemon> {
  const directory = temporaryDirectory()
  const repositories = join(directory, 'repositories')
  mkdirSync(repositories)
  // JGit makes the directories of a home that does not exist, and writes into them what it measured of the file system.
  // Java takes the letters that a file's name may have from the locale; of a ref that is a file it would see ASCII alone.
  const env = { ...gitEnvironment(), LC_ALL: 'C.UTF-8', HOME: directory, XDG_CONFIG_HOME: directory }
  // It runs for seconds, so it need be compiled neither well nor by many threads; and it leaves no file of its performance behind.
  const options = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-XX:-UsePerfData', '-cp', JARS]
  const { child, port } = await startListening('java', [...options, LAUNCHER, repositories], env)
  return {
    port,
    createRepository: name => createBare(join(repositories, `${name}.git`)),
    path: name => `/${name}.git`,
    url: name => `git://127.0.0.1:${port}/${name}.git`,
    async stop() {
      await end(child)
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
