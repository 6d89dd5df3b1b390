#!/usr/bin/env node
// The start of the bundle: loads the one entry that is needed.
import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import { saveStateNow } from './host/command-files.ts'

const { argv, env } = process

// An error that nothing caught is a bug of this program, except for a full disk. It is printed in one line, without the stack, which could contain a secret.
process.on('uncaughtException', (error: unknown) => {
  const isFull = error instanceof Error && 'code' in error && error.code === 'ENOSPC'
  const inStep = isFull ? 'The disk of the runner is full' : 'A bug in Repository Mirroring'
  const atTerminal = isFull ? 'the disk is full' : 'a bug in repository-mirroring'
  const command = env['GITHUB_ACTIONS'] === 'true' ? `::error title=${inStep}::` : `${atTerminal}: `
  process.stderr.write(`${command}${(error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ')}\n`)
  // A run listens as well (host/interruption.ts), and ends with its report.
  if (process.listenerCount('uncaughtException') === 1) process.exit(isFull ? 1 : 70)
})
const args = argv.slice(2)
const program = [process.execPath, fileURLToPath(import.meta.url)]

if (!isMainThread) {
  const { serveCache } = await import('./schedule/cache-thread.ts')
  serveCache()
} else if (args[0] === 'ssh' && env['REPOSITORY_MIRRORING_SSH'] !== undefined) {
  const { ssh } = await import('./entries/ssh.ts')
  process.exitCode = await ssh(args.slice(1), env)
} else if (args[0] === 'git-proxy' && env['REPOSITORY_MIRRORING_GIT_PROXY'] !== undefined) {
  const { gitProxy } = await import('./entries/git-proxy.ts')
  process.exitCode = await gitProxy(args.slice(1), env)
} else if (args.length === 0 && env['GITHUB_ACTIONS'] === 'true') {
  if (env['STATE_started'] === undefined) {
    // Before anything else is loaded, so that the next start of this program knows that it is the post step.
    saveStateNow(env, 'started', 'true')
    const { main } = await import('./entries/main.ts')
    process.exitCode = await main(env, program)
  } else {
    const { post } = await import('./entries/post.ts')
    process.exitCode = await post(env)
  }
} else {
  const { cli } = await import('./entries/cli.ts')
  process.exitCode = await cli(args, env, program)
}
