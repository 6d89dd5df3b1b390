import { protocolFailure } from './pkt-line.ts'

/**
 * git itself takes what fits into a packet (65,516 bytes). But most servers and clones keep a ref in a file of its name, and no path of Linux is longer
 * than this (PATH_MAX). git could not write such a ref there, and each place that keeps or shows a name would have to bear it.
 */
const MAX_BYTES_OF_NAME = 4096

/** @throws Failure `protocol-error` for a name that is longer than any can be */
export function limitName(name: Buffer): void {
  if (name.length > MAX_BYTES_OF_NAME)
    throw protocolFailure(`"${name.toString('utf8', 0, 80)}…", of ${name.length} bytes, is longer than the name of a ref can be`)
}
