import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { issueSelfSigned } from './certificates.ts'
import { run } from './child-process.ts'
import { type GitHttp, startGitHttp } from './git-http.ts'
import { commit, createBare, gitEnvironment } from './git-repository.ts'
import { type MisbehavingWeb, startMisbehavingWeb } from './misbehaving-web.ts'
import { type StagedText, saidBy } from './staged-text.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { startProxy, type TestProxy } from './tinyproxy.ts'

/** A real web server with the repository `r`, a real proxy that wants a login, servers that misbehave, and a repository with a commit of its own. */
export interface Web extends MisbehavingWeb {
  readonly git: GitHttp
  readonly guardedProxy: TestProxy
  readonly here: string
  /** Files of certificates, for those who trust them. */
  readonly trusted: Readonly<Record<'otherName' | 'expired', string>>
}

export async function startWeb(): Promise<Web> {
  const directory = temporaryDirectory()
  const issue = (name: string, days?: number) => issueSelfSigned(directory, gitEnvironment(), { name, ...(days !== undefined && { days }) })
  const selfSigned = await issue('IP:127.0.0.1')
  const certificates = { selfSigned, otherName: await issue('DNS:other.example'), expired: await issue('IP:127.0.0.1', -1) }
  const server = await startGitHttp()
  await commit(await server.createRepository('r'), 'main', { files: { a: '1' } })
  const here = await createBare()
  await commit(here, 'other', { files: { b: '1' } })
  const trusted = { otherName: join(directory, 'other.pem'), expired: join(directory, 'expired.pem') }
  for (const which of ['otherName', 'expired'] as const) writeFileSync(trusted[which], certificates[which].cert)
  const guardedProxy = await startProxy({ user: 'mirror', password: 'secret' })
  const web = await startMisbehavingWeb(server, certificates)
  const stop = async (): Promise<void> => void (await Promise.all([web.stop(), server.stop(), guardedProxy.stop()]))
  return { ...web, git: server, guardedProxy, here, trusted, stop }
}

const NO_REDIRECTS = ['-c', 'http.followRedirects=false']

/** The text of git when it reads the refs at this URL. */
const reads =
  (url: (web: Web) => string, options: readonly string[] = [], env: (web: Web) => Readonly<Record<string, string>> = () => ({})) =>
  (web: Web): Promise<string> =>
    saidBy('/', [...NO_REDIRECTS, ...options, 'ls-remote', url(web)], { env: env(web) })
const readsAt = (path: string) => reads(({ origin }) => `${origin}/${path}/r.git`)

/** Texts of a push that comes to its second request, and of a fetch. */
const pushes = (path: string) => (web: Web) => saidBy(web.here, ['push', `${web.origin}/${path}/r.git`, 'other'])
const fetches =
  (url: (web: Web) => string, options: readonly string[] = []) =>
  (web: Web) =>
    saidBy(web.here, ['-c', 'http.sslVerify=false', ...options, 'fetch', `${url(web)}/r.git`])

/** The text of curl, which has another TLS than the git of many systems. */
const curls =
  (url: (web: Web) => string, options: (web: Web) => readonly string[] = () => []) =>
  async (web: Web): Promise<string> => {
    const { code, stderr } = await run('curl', ['-sS', ...options(web), url(web)], { cwd: '/', env: gitEnvironment() })
    if (code === 0) throw new Error(`curl ${url(web)} did not fail`)
    return stderr
  }
const trusting = (which: keyof Web['trusted']) =>
  curls(
    ({ secure }) => secure[which],
    ({ trusted }) => ['--cacert', trusted[which]],
  )

/** No resolver is asked about a name whose label is too long. */
const NO_HOST = `https://${'a'.repeat(64)}.invalid/r.git`

/** Texts of git and curl about web servers, TLS and proxies. */
export const HTTP_TEXTS: readonly StagedText<Web>[] = [
  ['git-http-repo-not-found', /repository '[^']*' not found/, readsAt('404')],
  ['git-credentials-missing', /could not read Username for '[^']*'/, reads(({ git }) => git.url('r', { plain: true }))],
  [
    'git-authentication-failed',
    /Authentication failed for '[^']*'/,
    reads(({ git }) => git.url('r', { plain: true }).replace('//', '//a:b@')),
  ],
  ['git-info-refs-invalid', /info\/refs not valid: is this a git repository\?/, readsAt('page')],
  ['http-403', /The requested URL returned error: 403/, readsAt('403')],
  ['http-429', /The requested URL returned error: 429/, readsAt('429')],
  ['http-5xx', /The requested URL returned error: 503/, readsAt('503')],
  [
    'codecommit-403',
    /git-codecommit[^\n]*returned error: 403/,
    // A proxy answers in its place.
    reads(
      () => 'http://git-codecommit.us-east-1.amazonaws.com/v1/repos/r/',
      [],
      ({ proxy }) => ({ http_proxy: proxy }),
    ),
  ],
  ['http-423', /The requested URL returned error: 423/, readsAt('423')],
  ['http-451', /The requested URL returned error: 451/, readsAt('451')],
  ['http-400', /RPC failed; HTTP 400/, pushes('refuse-400')],
  ['http-411', /RPC failed; HTTP 411/, pushes('refuse-411')],
  ['http-408-413-rpc', /RPC failed; HTTP 413/, pushes('refuse-413')],
  ['http-rpc-5xx', /RPC failed; HTTP 504/, pushes('refuse-504')],
  ['http-rpc-403', /RPC failed; HTTP 403/, pushes('refuse-403')],
  ['git-early-eof', /transfer closed with outstanding read data remaining/, fetches(({ origin }) => `${origin}/cut`)],
  [
    'curl-http2-stream',
    /HTTP\/2 stream \d+ was not closed cleanly: PROTOCOL_ERROR/,
    fetches(({ http2 }) => http2, ['-c', 'http.version=HTTP/2']),
  ],
  ['http-reset', /Recv failure: Connection reset by peer/, readsAt('reset')],
  ['http-dns', /Could not resolve host/, reads(() => NO_HOST)],
  ['http-connect-failed', /Failed to connect to \S+ port \d+/, reads(({ nobody }) => `${nobody}/r.git`)],
  [
    'proxy-407',
    /(?:CONNECT tunnel failed, response|Received HTTP code) 407/,
    reads(
      () => NO_HOST,
      [],
      ({ guardedProxy }) => ({ https_proxy: `http://${guardedProxy.address}` }),
    ),
  ],
  [
    'proxy-refused',
    /(?:CONNECT tunnel failed, response|Received HTTP code) 403/,
    reads(
      () => NO_HOST,
      [],
      ({ proxy }) => ({ https_proxy: proxy }),
    ),
  ],
  // git comes with two kinds of TLS: Debian's and Ubuntu's git has GnuTLS, and their curl has OpenSSL.
  ['tls-gnutls-verify', /server certificate verification failed/, reads(({ git }) => git.url('r'))],
  ['tls-openssl-issuer', /SSL certificate problem: unable to get local issuer certificate/, curls(({ git }) => git.origin)],
  ['tls-openssl-selfsigned', /SSL certificate problem: self[- ]signed certificate/, curls(({ secure }) => secure.selfSigned)],
  ['tls-openssl-hostname', /no alternative certificate subject name matches/, trusting('otherName')],
  ['tls-expired', /SSL certificate problem: certificate has expired/, trusting('expired')],
  ['tls-gnutls-handshake', /gnutls_handshake\(\) failed/, reads(({ closing }) => `${closing}/r.git`)],
  ['tls-gnutls-recv', /GnuTLS recv error/, fetches(({ secure }) => `${secure.selfSigned}/cut`)],
]
