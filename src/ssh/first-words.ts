import type { Socket } from 'node:net'
import { Failure } from '../errors/failure.ts'
import { oneLine } from '../text/escape.ts'

// The lines before the version (RFC 4253 §4.2) are rarely longer.
const MAX_WORDS = 4096
const MAX_SHOWN = 80

/**
 * Listens in on what a server says first.
 * @param name the server, for the message
 * @returns asked after a connection has failed: the failure where the server said something, but not the version with which SSH begins; otherwise null
 */
export function listenForSsh(socket: Socket, name: string): () => Failure | null {
  let words = ''
  const listen = (data: Buffer): void => {
    words += data.toString('latin1')
    if (words.length > MAX_WORDS || speaksSsh(words)) socket.off('data', listen)
  }
  socket.on('data', listen)
  return () => (words === '' || speaksSsh(words) ? null : notSsh(name, words))
}

const speaksSsh = (words: string): boolean => /^SSH-/m.test(words)

function notSsh(name: string, words: string): Failure {
  const line = oneLine(words.split('\n', 1)[0] ?? '').slice(0, MAX_SHOWN)
  return new Failure('remote-error', `"${name}" is no SSH server: it says "${line}"`, {
    hint: 'check host and port; SSH servers usually listen on port 22',
  })
}
