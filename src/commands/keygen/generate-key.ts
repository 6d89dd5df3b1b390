import { resolve } from 'node:path'
import { secretForms } from '../../credentials/mask.ts'
import { storeSecret } from '../../forge/gh.ts'
import { writeKeyFiles } from '../../keys/key-files.ts'
import { keyPlace } from '../../remote/deploy-keys.ts'
import { settingsContext } from '../../settings/context.ts'
import { environmentName } from '../../settings/flags.ts'
import { readLine } from '../../settings/read.ts'
import { generateKeyFiles } from '../../ssh/key-generation.ts'
import { generatedKeyNotes, type ShownKey } from '../public-key/public-key-answer.ts'
import { flagOf, say, sayBoth, type Terminal } from '../terminal.ts'
import { KEYGEN_HELP, type KeyRequest, parseKeygenCommand, readKeyRequest } from './keygen-command.ts'

export interface GenerateContext {
  /** The user's environment. */
  readonly environment: NodeJS.ProcessEnv
  /** Hides this value from all output. Called before any other code gets it. */
  readonly mask: (secret: string) => void
  readonly hide: (text: string) => string
  readonly resolvePath: (path: string) => string
}

export interface GeneratedKey {
  /** `type base64 comment`. */
  readonly publicKey: string
  /** Only with `--print`; otherwise null, because it is stored. */
  readonly privateKey: string | null
  readonly shown: ShownKey
}

/** The command `keygen`. Resolves with the exit code. */
export async function keygenCommand(args: readonly string[], { env, host }: Terminal): Promise<number> {
  const line = parseKeygenCommand(args)
  if (line.switches.has('help')) return say(KEYGEN_HELP)
  const request = readKeyRequest(await readLine(line, env, host.mask), settingsContext(env, null, flagOf))
  const mask = (secret: string) => host.mask(secretForms(secret, []))
  const { privateKey, publicKey, shown } = await generateKey(request, { environment: env, mask, hide: host.hide, resolvePath: resolve })
  const notes = generatedKeyNotes(request, shown)
  return privateKey === null ? sayBoth([`${publicKey}\n`], notes) : sayBoth([privateKey], [publicKey, '', ...notes])
}

/**
 * Makes a key pair and stores it in two files or in a secret of a repository, or returns the private half.
 * @throws Failure `settings-invalid`, `secret-not-stored`; then the pair is discarded
 */
export async function generateKey(request: KeyRequest, context: GenerateContext): Promise<GeneratedKey> {
  const { type, comment, passphrase, target, url } = request
  const files = generateKeyFiles(type, { comment, passphrase })
  if (target.to !== 'stdout') context.mask(files.privateKey)
  if (target.to === 'file') await writeKeyFiles(context.resolvePath(target.path), files)
  else if (target.to === 'secret') await storeSecret({ ...target, value: files.privateKey }, forGh(context.environment), context.hide)
  const [name = '', base64 = ''] = files.publicKey.split(' ')
  const isRemote = url !== null && url.protocol !== 'file'
  const shown: ShownKey = {
    line: `${name} ${base64}`,
    url: isRemote ? url.toString() : null,
    access: 'write',
    place: isRemote ? keyPlace(url, 'write', { serverUrl: null, username: url.user ?? 'git' }) : null,
    isUsable: !isRemote || url.protocol === 'ssh',
    isMaskedByRunner: false,
  }
  return { publicKey: files.publicKey, privateKey: target.to === 'stdout' ? files.privateKey : null, shown }
}

/** gh gets the user's environment, which has its login, without the secrets of this program, such as the key's passphrase. */
const forGh = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith(environmentName(''))))
