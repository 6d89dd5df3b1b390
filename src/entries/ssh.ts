import { runSshProgram } from '../ssh/program.ts'

/** The program that git and git-lfs start as their ssh. Resolves with its exit code when all output is written. */
export const ssh = (argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> =>
  runSshProgram({ argv, env, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr })
