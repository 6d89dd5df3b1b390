import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { Failure, messageOf } from '../errors/failure.ts'
import { type Authorities, findAuthorities } from './authorities.ts'

export interface EncryptionOptions {
  /** Names authorities and proxies. */
  readonly environment: NodeJS.ProcessEnv
  /** PEM, as are the others; in addition to node's list. null = whom git would trust. */
  readonly caCertificate: string | null
  readonly clientCertificate: string | null
  /** null where the certificate holds it, too. */
  readonly clientKey: string | null
}

/** TLS, with what it takes to be trusted and to show who we are. */
export class Encryption {
  readonly #tls: typeof import('node:tls')
  readonly #options: EncryptionOptions
  readonly #authorities: Authorities
  #trusted: readonly string[] | null
  #context: SecureContext
  #longer: Promise<boolean> | null = null

  private constructor(tls: typeof import('node:tls'), options: EncryptionOptions, authorities: Authorities) {
    this.#tls = tls
    this.#options = options
    this.#authorities = authorities
    this.#trusted = authorities.first
    this.#context = this.#contextOf(authorities.first, true)
  }

  /** @throws Failure `settings-invalid` for certificates that cannot be used */
  static async load(options: EncryptionOptions): Promise<Encryption> {
    const tls = await import('node:tls')
    return new Encryption(tls, options, await findAuthorities(options.caCertificate, options.environment, () => tls.rootCertificates))
  }

  /**
   * Encrypts a connection; `secureConnect` tells when the other end has shown that it is the host.
   * @param isName not an address @param isProxy to whom the client's certificate is not shown
   */
  connect(socket: Socket, host: string, { isName, isProxy }: { readonly isName: boolean; readonly isProxy: boolean }): Socket {
    return this.#tls.connect({
      socket,
      host,
      servername: isName ? host : undefined,
      secureContext: isProxy ? this.#contextOf(this.#trusted, false) : this.#context,
      ALPNProtocols: ['http/1.1'],
      // Said, because the environment could take the check away (NODE_TLS_REJECT_UNAUTHORIZED).
      rejectUnauthorized: true,
    })
  }

  /** Trusts the longer list from now on; false where there is none. */
  trustMore(): Promise<boolean> {
    this.#longer ??= this.#authorities.more().then(list => {
      if (list === null) return false
      this.#trusted = list
      this.#context = this.#contextOf(list, true)
      return true
    })
    return this.#longer
  }

  #contextOf(ca: readonly string[] | null, showsUs: boolean): SecureContext {
    const { clientCertificate, clientKey } = this.#options
    try {
      return this.#tls.createSecureContext({
        ...(ca !== null && { ca: [...ca] }),
        ...(showsUs && clientCertificate !== null && { cert: clientCertificate, key: clientKey ?? clientCertificate }),
      })
    } catch (cause) {
      throw new Failure('settings-invalid', 'a certificate, or its key, cannot be used', { detail: messageOf(cause), cause })
    }
  }
}
