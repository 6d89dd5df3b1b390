import type { Socket } from 'node:net'
import { Failure } from '../errors/failure.ts'
import { oneLine } from '../text/escape.ts'

// The lines before the version (RFC 4253 §4.2) are rarely longer.
const MAX_WORDS = 4096
const MAX_SHOWN = 80

/** Records the first bytes of a server. @returns the failure of a server that speaks another protocol than SSH; null for any other */
export function listenForSsh(socket: Socket, name: string): () => Failure | null {
  let words = ''
  const listen = (data: Buffer): void => {
    words += data.toString('latin1')
    if (words.length > MAX_WORDS || speaksSsh(words)) socket.off('data', listen)
  }
  socket.on('data', listen)
  return () => {
    if (words === '' || speaksSsh(words)) return null
    const line = oneLine(words.split('\n', 1)[0] ?? '').slice(0, MAX_SHOWN)
    const hint = 'check host and port; SSH servers usually listen on port 22'
    return new Failure('remote-error', `"${name}" is no SSH server: it says "${line}"`, { hint })
  }
}

const speaksSsh = (words: string): boolean => /^SSH-/m.test(words)
