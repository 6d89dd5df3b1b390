import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './child-process.ts'
import { gitEnvironment } from './git-repository.ts'

// It differs in each process, because a test that runs beside this one looks for its own secrets in all command lines, those of ssh-keygen among them.
export const PASSPHRASE = `correct horse ${process.pid}`

/** Key types by name, with the arguments of ssh-keygen. */
export const KEY_TYPES = {
  ed25519: ['-t', 'ed25519'],
  'ecdsa-256': ['-t', 'ecdsa', '-b', '256'],
  'ecdsa-384': ['-t', 'ecdsa', '-b', '384'],
  'ecdsa-521': ['-t', 'ecdsa', '-b', '521'],
  rsa: ['-t', 'rsa', '-b', '2048'],
} as const
export type KeyType = keyof typeof KEY_TYPES

type Write = (file: string) => readonly [program: string, ...args: string[]]

const reformat =
  (...args: readonly string[]): Write =>
  file => ['ssh-keygen', '-q', '-p', '-P', '', ...args, '-f', file]
const openssl =
  (...args: readonly string[]): Write =>
  file => ['openssl', ...args, '-in', file, '-out', `${file}.openssl`]
const OPEN = ['-N', ''] as const
// One round of the key derivation: how many there are makes no difference to the format.
const CLOSED = ['-N', PASSPHRASE, '-a', '1'] as const
const SCRYPT = ['-scrypt', '-scrypt_N', '1024', '-scrypt_r', '8', '-scrypt_p', '1'] as const
const PASS = ['-passout', `pass:${PASSPHRASE}`] as const

/** How a key may be written down: by ssh-keygen, and by openssl from a PKCS#8 or PEM file of ssh-keygen. */
export const KEY_FORMATS = {
  OpenSSH: { encrypted: false, steps: [] },
  'OpenSSH, encrypted': { encrypted: true, steps: [reformat(...CLOSED)] },
  'OpenSSH, aes256-gcm': { encrypted: true, steps: [reformat(...CLOSED, '-Z', 'aes256-gcm@openssh.com')] },
  PEM: { encrypted: false, steps: [reformat(...OPEN, '-m', 'PEM')] },
  'PEM, encrypted': { encrypted: true, steps: [reformat(...CLOSED, '-m', 'PEM')] },
  'PEM, 3DES by openssl': {
    encrypted: true,
    steps: [reformat(...OPEN, '-m', 'PEM'), openssl('pkey', '-traditional', '-des3', ...PASS)],
    no: ['ed25519'],
  },
  'PKCS#8': { encrypted: false, steps: [reformat(...OPEN, '-m', 'PKCS8')] },
  'PKCS#8, encrypted': { encrypted: true, steps: [reformat(...CLOSED, '-m', 'PKCS8')] },
  'PKCS#8 by openssl': { encrypted: false, steps: [reformat(...OPEN, '-m', 'PKCS8'), openssl('pkey')] },
  'PKCS#8, PBES2 by openssl': {
    encrypted: true,
    steps: [reformat(...OPEN, '-m', 'PKCS8'), openssl('pkcs8', '-topk8', '-v2', 'aes-256-cbc', ...PASS)],
  },
  'PKCS#8, scrypt by openssl': {
    encrypted: true,
    steps: [reformat(...OPEN, '-m', 'PKCS8'), openssl('pkcs8', '-topk8', ...SCRYPT, ...PASS)],
  },
} as const satisfies Record<string, { encrypted: boolean; steps: readonly Write[]; no?: readonly KeyType[] }>
export type KeyFormat = keyof typeof KEY_FORMATS

/** Types that a format does not have. */
const exceptions = (format: KeyFormat): readonly string[] => {
  const { no }: { readonly encrypted: boolean; readonly no?: readonly string[] } = KEY_FORMATS[format]
  return no ?? []
}

/** Every type in every format that there is of it. */
export const KEY_CASES: readonly (readonly [KeyType, KeyFormat])[] = (Object.keys(KEY_TYPES) as KeyType[]).flatMap(type =>
  (Object.keys(KEY_FORMATS) as KeyFormat[]).filter(format => !exceptions(format).includes(type)).map(format => [type, format] as const),
)

export interface MadeKey {
  readonly text: string
  /** Needed for it; null where it is not encrypted. */
  readonly passphrase: string | null
  /** As `ssh-keygen -y` prints it, without a comment. */
  readonly publicHalf: string
}

/** The public halves of the keys that were made, by the files that hold the private halves: one key of a type is enough for all formats. */
const plainKeys = new Map<string, Promise<string>>()

async function makeBySshKeygen(file: string, type: KeyType): Promise<string> {
  await succeed('ssh-keygen', ['-q', ...KEY_TYPES[type], '-N', '', '-C', 'a comment', '-f', file])
  return publicHalfBySshKeygen(file)
}

/**
 * Makes a key with ssh-keygen, and writes it in the format. The public half is what ssh-keygen says of the file before it is encrypted.
 * An ed25519 key in PKCS#8 is made, and told, by openssl: ssh-keygen writes and reads none before 9.6.
 */
export async function makeKey(directory: string, type: KeyType, format: KeyFormat): Promise<MadeKey> {
  const { encrypted, steps } = KEY_FORMATS[format]
  const byOpenssl = type === 'ed25519' && format.includes('by openssl')
  const name = join(directory, `${type}${byOpenssl ? '-openssl' : ''}`)
  let made = plainKeys.get(name)
  if (made === undefined) {
    made = byOpenssl ? makeByOpenssl(name) : makeBySshKeygen(name, type)
    plainKeys.set(name, made)
  }
  const publicHalf = await made
  let written = `${name}-${format.replace(/[^A-Za-z0-9]/g, '_')}`
  copyFileSync(name, written)
  for (const step of steps) {
    const [program, ...args] = step(written)
    if (byOpenssl && program === 'ssh-keygen') continue
    await succeed(program, args)
    if (program === 'openssl') written = `${written}.openssl`
  }
  return { text: readFileSync(written, 'utf8'), passphrase: encrypted ? PASSPHRASE : null, publicHalf }
}

/** RFC 8410 §4: the last 32 bytes are the key; RFC 8709 §4: what SSH puts before them. */
async function makeByOpenssl(file: string): Promise<string> {
  await succeed('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', file])
  const pem = await succeed('openssl', ['pkey', '-pubout', '-in', file])
  const key = Buffer.from(pem.split('\n').slice(1, -2).join(''), 'base64').subarray(-32)
  const head = Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20', 'latin1')
  return `ssh-ed25519 ${Buffer.concat([head, key]).toString('base64')}`
}

/** The output of `ssh-keygen -y` for a private key file, without the comment. */
export async function publicHalfBySshKeygen(file: string, passphrase = ''): Promise<string> {
  const line = await succeed('ssh-keygen', ['-y', '-P', passphrase, '-f', file])
  return line.trim().split(' ').slice(0, 2).join(' ')
}

/** Writes a text to a file that ssh-keygen will read. */
export function privateFile(directory: string, name: string, text: string): string {
  const file = join(directory, name)
  writeFileSync(file, text, { mode: 0o600 })
  return file
}

/** Runs a program that must succeed; gives its stdout. */
export async function succeed(program: string, args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, { cwd: '/', env: gitEnvironment(), ...(input !== undefined && { input }) })
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout
}
