import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Connection, ServerChannel } from 'ssh2'
import { parseKnownHostKeys } from '../../src/host-keys/known-hosts.ts'
import type { SshSession } from '../../src/session/ssh-session.ts'
import type { SshTarget } from '../../src/ssh/client.ts'
import { generateKeyFiles } from '../../src/ssh/key-generation.ts'
import { readPrivateKey } from '../../src/ssh/key-pair.ts'
import { Server } from '../../src/ssh/ssh2.ts'

/** The phases of a connection at which a server can stop. `preamble`: after a line that is no greeting. */
export type Phase = 'greeting' | 'preamble' | 'key exchange' | 'login' | 'channel' | 'command' | 'answer' | 'rest' | 'end'

/** An SSH server that goes as far as to a phase, and then does no more than to answer whether it is still there: not even a channel is closed. */
export interface StallingSsh {
  readonly target: SshTarget
  readonly session: Omit<SshSession, 'failureFile' | 'notesFile'>
  /** The command that was started; null before. */
  channel(): ServerChannel | null
  stop(): void
}

export async function startStallingSsh(phase: Phase): Promise<StallingSsh> {
  const [hostKey, userKey] = [generateKeyFiles('ed25519', '', null), generateKeyFiles('ed25519', '', null)]
  const sockets = new Set<Socket>()
  let channel: ServerChannel | null = null
  const server = new Server({ hostKeys: [hostKey.privateKey] }, connection => {
    connection.on('error', () => {})
    closeNoChannel(connection)
    connection.on('authentication', context => {
      if (phase !== 'login') context.accept()
    })
    connection.on('session', accept => {
      if (phase === 'channel') return
      const session = accept()
      session.on('env', accepted => accepted?.())
      session.on('exec', accepted => {
        if (phase === 'command') return
        channel = accepted()
        channel.on('error', () => {})
        channel.resume()
        if (phase === 'rest') channel.write('0')
        if (phase === 'end') channel.write('0000', () => channel?.eof())
      })
    })
  })
  const listener = createServer({ noDelay: true }, socket => {
    sockets.add(socket.on('error', () => {}))
    if (phase === 'greeting') return
    if (phase === 'preamble') return void socket.write('welcome\r\n')
    if (phase === 'key exchange') return void socket.write('SSH-2.0-stalls\r\n')
    server.injectSocket(socket)
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const known = `[127.0.0.1]:${port} ${hostKey.publicKey.trim()}`
  const place = { host: '127.0.0.1', port, username: 'git' }
  return {
    target: {
      ...place,
      login: { by: 'key', key: readPrivateKey(userKey.privateKey, null) },
      knownHostKeys: parseKnownHostKeys(known).entries,
    },
    session: { ...place, secret: userKey.privateKey, passphrase: null, agentSocket: null, knownHostKeys: known },
    channel: () => channel,
    stop: () => {
      listener.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** ssh2 answers the end of a channel by itself. */
function closeNoChannel(connection: Connection): void {
  const { _protocol: protocol } = connection as unknown as { _protocol: { _handlers: Record<string, () => void> } }
  protocol._handlers['CHANNEL_CLOSE'] = () => {}
}
