import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './child-process.ts'

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
const LEAF = ['basicConstraints=CA:FALSE', 'extendedKeyUsage=serverAuth,clientAuth', 'subjectAltName=IP:127.0.0.1,DNS:localhost']

/** Files in one directory, PEM. */
export interface Certificates {
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

/** Makes a certificate authority that lives for two days, and a certificate of it for 127.0.0.1 and localhost. */
export async function createCertificates(directory: string, environment: Readonly<Record<string, string>>): Promise<Certificates> {
  const openssl = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await run('openssl', args, { cwd: directory, env: environment })
    if (code !== 0) throw new Error(`openssl ${args[0]} ended with ${code}\n${stderr}`)
  }
  // A configuration of its own, so that the machine's adds no extensions.
  writeFileSync(
    join(directory, 'openssl.cnf'),
    '[req]\ndistinguished_name = dn\nx509_extensions = ca\n[dn]\n[ca]\nbasicConstraints = critical,CA:TRUE\nsubjectKeyIdentifier = hash\n',
  )
  writeFileSync(join(directory, 'leaf.cnf'), `${LEAF.join('\n')}\n`)
  const request = ['-config', 'openssl.cnf', ...KEY]
  await openssl('req', '-x509', ...request, '-days', '2', '-subj', '/CN=test authority', '-keyout', 'ca.key', '-out', 'ca.pem')
  await openssl('req', '-new', ...request, '-subj', '/CN=127.0.0.1', '-keyout', 'leaf.key', '-out', 'leaf.csr')
  const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'leaf.cnf']
  await openssl('x509', '-req', '-in', 'leaf.csr', ...signer, '-out', 'leaf.pem')
  return { ca: join(directory, 'ca.pem'), certificate: join(directory, 'leaf.pem'), key: join(directory, 'leaf.key') }
}

/** PEM. */
export interface IssuedCertificate {
  readonly cert: string
  readonly key: string
}

/** Makes a certificate that is signed by itself. @param name of its host or address, as `DNS:example.org` @param days until it ends; negative: it has ended */
export async function issueSelfSigned(
  directory: string,
  environment: Readonly<Record<string, string>>,
  { name, days = 2 }: { readonly name: string; readonly days?: number },
): Promise<IssuedCertificate> {
  writeFileSync(join(directory, 'own.cnf'), `subjectAltName=${name}\n`)
  const request = ['req', '-new', ...KEY, '-subj', '/CN=test', '-keyout', 'own.key', '-out', 'own.csr']
  const sign = ['x509', '-req', '-in', 'own.csr', '-signkey', 'own.key', '-days', String(days), '-extfile', 'own.cnf', '-out', 'own.pem']
  for (const args of [request, sign]) {
    const { code, stderr } = await run('openssl', args, { cwd: directory, env: environment })
    if (code !== 0) throw new Error(`openssl ${args[0]} ended with ${code}\n${stderr}`)
  }
  return { cert: readFileSync(join(directory, 'own.pem'), 'utf8'), key: readFileSync(join(directory, 'own.key'), 'utf8') }
}
