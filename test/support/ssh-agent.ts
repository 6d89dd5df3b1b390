import { spawn } from 'node:child_process'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { end, run } from './child-process.ts'
import { started } from './git-http.ts'
import { gitEnvironment } from './git-repository.ts'
import { temporaryDirectory } from './temporary-directory.ts'

/** A real ssh-agent. */
export interface SshAgent {
  /** The path of its socket, as in SSH_AUTH_SOCK. */
  readonly socket: string
  /** Adds a private key. @param options of ssh-add, e.g. `-t 60` */
  add(privateKey: string, ...options: readonly string[]): Promise<void>
  stop(): Promise<void>
}

/** Starts an agent that holds these private keys, in the foreground. */
export async function startSshAgent(...privateKeys: readonly string[]): Promise<SshAgent> {
  const directory = temporaryDirectory()
  const socket = join(directory, 'agent')
  const child = spawn('ssh-agent', ['-D', '-a', socket], { cwd: directory, env: gitEnvironment(), stdio: 'ignore' })
  await started(child, 'ssh-agent', async () => existsSync(socket))
  const add = async (privateKey: string, ...options: readonly string[]): Promise<void> => {
    const file = join(directory, 'key')
    writeFileSync(file, privateKey)
    chmodSync(file, 0o600)
    const { code, stderr } = await run('ssh-add', ['-q', ...options, file], {
      cwd: directory,
      env: { ...gitEnvironment(), SSH_AUTH_SOCK: socket },
    })
    if (code !== 0) throw new Error(`ssh-add ended with ${code}: ${stderr}`)
  }
  for (const key of privateKeys) await add(key)
  return { socket, add, stop: () => end(child) }
}
