import { createCipheriv } from 'node:crypto'

const PIECE = Buffer.alloc(1 << 20)

export interface BlobsSize {
  readonly blobs: number
  /** Size of each blob, a multiple of 1 MiB. */
  readonly bytes: number
}

/** A history whose blobs cannot be compressed: AES-CTR of zeros. Each commit adds one, in the language of git-fast-import(1). */
export function* blobHistory({ blobs, bytes }: BlobsSize): Generator<Buffer | string> {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16))
  for (let blob = 1; blob <= blobs; blob++) {
    yield `commit refs/heads/main\ncommitter Ada Example <ada@example.org> ${1_704_067_200 + blob} +0000\ndata 5\nblob\n`
    yield `M 100644 inline blob-${blob}\ndata ${bytes}\n`
    for (let done = 0; done < bytes; done += PIECE.length) yield stream.update(PIECE)
    yield '\n'
  }
}
