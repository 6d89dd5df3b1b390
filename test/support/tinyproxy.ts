import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { end } from './child-process.ts'
import { freePort, started } from './git-http.ts'
import { gitEnvironment } from './git-repository.ts'
import { temporaryDirectory } from './temporary-directory.ts'

export interface TestProxy {
  /** `127.0.0.1:port` */
  readonly address: string
  /** `host:port` of each connection that it made. */
  connections(): string[]
  stop(): Promise<void>
}

/** Starts an HTTP proxy on a free port of 127.0.0.1. @param login `user` and `password` that it asks for; null = none */
export async function startProxy(login: { readonly user: string; readonly password: string } | null = null): Promise<TestProxy> {
  const directory = temporaryDirectory()
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    const log = join(directory, 'log')
    writeFileSync(log, '')
    const lines = [
      `Port ${port}`,
      'Listen 127.0.0.1',
      'Timeout 60',
      'Allow 127.0.0.1',
      `LogFile "${log}"`,
      'LogLevel Connect',
      'MaxClients 20',
    ]
    if (login !== null) lines.push(`BasicAuth ${login.user} ${login.password}`)
    writeFileSync(join(directory, 'tinyproxy.conf'), `${lines.join('\n')}\n`)
    const child = spawn('tinyproxy', ['-d', '-c', join(directory, 'tinyproxy.conf')], {
      cwd: directory,
      env: gitEnvironment(),
      stdio: 'ignore',
    })
    try {
      await started(child, 'tinyproxy', () => listens(port))
      return describeProxy(child, port, log)
    } catch (error) {
      await end(child)
      if (attempt === 5) throw error
    }
  }
}

function describeProxy(child: ChildProcess, port: number, log: string): TestProxy {
  return {
    address: `127.0.0.1:${port}`,
    connections: () =>
      [...readFileSync(log, 'utf8').matchAll(/Request \(file descriptor \d+\): CONNECT (\S+)/g)].map(([, target]) => target ?? ''),
    stop: () => end(child),
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
