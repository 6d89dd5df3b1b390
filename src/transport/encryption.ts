import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { Failure, messageOf } from '../errors/failure.ts'
import { readText } from '../host/file-text.ts'
import type { Settings } from '../settings/settings.ts'
import { once } from '../tasks/later.ts'

export interface EncryptionOptions extends Pick<Settings, 'caCertificate' | 'clientCertificate' | 'clientKey'> {
  /** Names authorities and proxies. */
  readonly environment: NodeJS.ProcessEnv
}

/** By their authorities, for connections without a client's certificate: node takes 10 ms to read its list, which is the same for both sides and all mirrors. */
const contexts = new Map<string, SecureContext>()

/** TLS, with the authorities that are trusted and the client's own certificate. @throws Failure `settings-invalid` for certificates that cannot be used */
export async function loadEncryption(options: EncryptionOptions) {
  const { clientCertificate, clientKey } = options
  const tls = await import('node:tls')
  const authorities = await findAuthorities(options, () => tls.rootCertificates)
  const contextOf = (ca: readonly string[] | null, hasClient: boolean): SecureContext => {
    const own = hasClient && clientCertificate !== null ? { cert: clientCertificate, key: clientKey ?? clientCertificate } : null
    const key = (ca ?? []).join('\n')
    const known = own === null ? contexts.get(key) : undefined
    if (known !== undefined) return known
    try {
      const context = tls.createSecureContext({ ca: ca === null ? undefined : [...ca], ...own })
      if (own === null) contexts.set(key, context)
      return context
    } catch (cause) {
      throw new Failure('settings-invalid', 'a certificate, or its key, cannot be used', { detail: messageOf(cause), cause })
    }
  }
  let trusted = authorities.first
  let context = contextOf(trusted, true)
  return {
    /** Encrypts a connection; `secureConnect` follows once the host is verified. @param isProxy does not get the client certificate */
    connect: (socket: Socket, host: string, { isName, isProxy }: { readonly isName: boolean; readonly isProxy: boolean }): Socket =>
      tls.connect({
        socket,
        host,
        servername: isName ? host : undefined,
        secureContext: isProxy ? contextOf(trusted, false) : context,
        ALPNProtocols: ['http/1.1'],
        // Explicit, because the environment could take the check away (NODE_TLS_REJECT_UNAUTHORIZED).
        rejectUnauthorized: true,
      }),

    /** Trusts the longer list from now on; false where there is none. */
    trustMore: once(async () => {
      for (const file of authorities.more) {
        const list = await readText(file).catch(() => null)
        if (list === null) continue
        trusted = [...tls.rootCertificates, list]
        context = contextOf(trusted, true)
        return true
      }
      return false
    }),
  }
}

/** Files with the list that git's curl uses: Debian, Fedora, SUSE, Alpine and macOS. */
const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/** The trusted certificate authorities, in PEM. */
interface Authorities {
  /** null: node's own list. */
  readonly first: readonly string[] | null
  /** Files with a longer list, for a server whose authority the first one does not know. Slow to read, so only then; the first that can be read counts. */
  readonly more: readonly string[]
}

/**
 * The authorities that git would trust: the given ones and node's list (`roots`); otherwise those of `GIT_SSL_CAINFO` alone. Otherwise node's list, and if
 * that is not enough, the system's, or that of `SSL_CERT_FILE`. @throws Failure `settings-invalid` when the file of `GIT_SSL_CAINFO` cannot be read
 */
async function findAuthorities({ caCertificate, environment }: EncryptionOptions, roots: () => readonly string[]): Promise<Authorities> {
  if (caCertificate !== null) return { first: [...roots(), caCertificate], more: [] }
  const { GIT_SSL_CAINFO: file, SSL_CERT_FILE: other } = environment
  if (!file) return { first: null, more: other ? [other] : SYSTEM_FILES }
  const list = await readText(file).catch((cause: unknown) => {
    throw new Failure('settings-invalid', `the certificate authorities of \`GIT_SSL_CAINFO\` cannot be read: "${file}"`, { cause })
  })
  return { first: [list], more: [] }
}
