import type { Socket } from 'node:net'
import type { Client, ClientChannel } from 'ssh2'
import { SSH_RECEIVED_BYTES, SSH_UNSENT_BYTES } from '../limits/limits.ts'

/** A part of ssh2 that it keeps to itself. */
interface Protocol {
  /** Set while keys are exchanged. */
  readonly _kexinit?: unknown
  readonly _handlers: { GLOBAL_REQUEST: (protocol: { requestFailure(): void; ping(): void }, name: string, wantsReply: boolean) => void }
}

/**
 * Limits the memory of a connection, which ssh2 does not: it queues answers that the server does not read, and stores every host key that the server lists.
 * Its channels queue all that fits the server's window, which can have any size, and accept more data than their own window allows.
 * @param giveUp called if a server sends more than its window @returns adds a channel
 */
export function limitMemory(client: Client, socket: Socket, giveUp: () => void): (channel: ClientChannel) => void {
  const { _protocol: protocol } = client as unknown as { readonly _protocol: Protocol }
  // A ping carries TCP's acknowledgment of a list of host keys. Without it, sshd holds its next packets for 40 ms.
  protocol._handlers.GLOBAL_REQUEST = (answering, _, wantsReply) => answering[wantsReply ? 'requestFailure' : 'ping']()
  const channels: ClientChannel[] = []
  socket.on('data', () => {
    if (socket.writableLength > SSH_UNSENT_BYTES) socket.pause().once('drain', () => socket.resume())
    if (channels.some(({ readableLength, stderr }) => readableLength + stderr.readableLength > SSH_RECEIVED_BYTES)) giveUp()
  })
  return channel => {
    channels.push(channel)
    // ssh2 opens the window again for each text on stderr, also while stdout is not read.
    const isFull = () => channel.readableLength >= channel.readableHighWaterMark
    const push = channel.stderr.push.bind(channel.stderr)
    channel.stderr.push = piece => push(piece) && !isFull()
    channel.stderr._read = size => {
      if (!isFull()) channel._read(size)
    }
    const write = channel._write.bind(channel)
    channel._write = (piece, encoding, done) => {
      const again = () => channel._write(piece, encoding, done)
      if (socket.writableNeedDrain) socket.once('drain', again)
      else if (protocol._kexinit !== undefined) client.once('handshake', again)
      else write(piece, encoding, done)
    }
  }
}
