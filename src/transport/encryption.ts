import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { Failure, messageOf } from '../errors/failure.ts'
import { findAuthorities } from './ca-certificates.ts'

export interface EncryptionOptions {
  /** Names authorities and proxies. */
  readonly environment: NodeJS.ProcessEnv
  /** PEM, as are the others; in addition to node's list. null = those that git would trust. */
  readonly caCertificate: string | null
  readonly clientCertificate: string | null
  /** null where the certificate holds it, too. */
  readonly clientKey: string | null
}

/** TLS, with the authorities that are trusted and the client's own certificate. */
export type Encryption = Awaited<ReturnType<typeof loadEncryption>>

/** @throws Failure `settings-invalid` for certificates that cannot be used */
export async function loadEncryption({ environment, caCertificate, clientCertificate, clientKey }: EncryptionOptions) {
  const tls = await import('node:tls')
  const authorities = await findAuthorities(caCertificate, environment, () => tls.rootCertificates)
  const contextOf = (ca: readonly string[] | null, hasClient: boolean): SecureContext => {
    const own = hasClient && clientCertificate !== null ? { cert: clientCertificate, key: clientKey ?? clientCertificate } : {}
    try {
      return tls.createSecureContext({ ca: ca === null ? undefined : [...ca], ...own })
    } catch (cause) {
      throw new Failure('settings-invalid', 'a certificate, or its key, cannot be used', { detail: messageOf(cause), cause })
    }
  }
  let trusted = authorities.first
  let context = contextOf(trusted, true)
  let longer: Promise<boolean> | null = null
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
    trustMore: (): Promise<boolean> => {
      longer ??= authorities.more().then(list => {
        if (list === null) return false
        trusted = list
        context = contextOf(list, true)
        return true
      })
      return longer
    },
  }
}
