import { readFile } from 'node:fs/promises'
import { Failure } from '../errors/failure.ts'

/** Files with the list that git's curl uses: Debian, Fedora, SUSE, Alpine and macOS. */
const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/** The trusted certificate authorities, in PEM. */
export interface Authorities {
  /** null: node's own list. */
  readonly first: readonly string[] | null
  /** A longer list, for a server whose authority the first one does not know; null where there is none. Slow to read, so only then. */
  readonly more: () => Promise<readonly string[] | null>
}

/**
 * The authorities that git would trust: the given ones and node's list (`roots`); otherwise those of `GIT_SSL_CAINFO` alone. Otherwise node's list, and if
 * that is not enough, the system's, or that of `SSL_CERT_FILE`. @throws Failure `settings-invalid` when the file of `GIT_SSL_CAINFO` cannot be read
 */
export async function findAuthorities(
  certificates: string | null,
  environment: NodeJS.ProcessEnv,
  roots: () => readonly string[],
): Promise<Authorities> {
  if (certificates !== null) return { first: [...roots(), certificates], more: async () => null }
  const file = environment['GIT_SSL_CAINFO']
  if (file) {
    const list = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw new Failure('settings-invalid', `the certificate authorities of \`GIT_SSL_CAINFO\` cannot be read: "${file}"`, { cause })
    })
    return { first: [list], more: async () => null }
  }
  return {
    first: null,
    more: async () => {
      const files = environment['SSL_CERT_FILE'] ? [environment['SSL_CERT_FILE']] : SYSTEM_FILES
      for (const one of files) {
        const list = await readFile(one, 'utf8').catch(() => null)
        if (list !== null) return [...roots(), list]
      }
      return null
    },
  }
}
