import { runGitProxy } from '../transport/git-proxy.ts'

/** The program through which git connects to a server of `git://`. Resolves with its exit code when all output is written. */
export const gitProxy = (argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> =>
  runGitProxy({ argv, env, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr })
