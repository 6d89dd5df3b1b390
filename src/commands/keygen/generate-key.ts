import { storeSecret } from '../../forge/gh.ts'
import { writeKeyFiles } from '../../keys/key-files.ts'
import { keyPlace } from '../../remote/deploy-keys.ts'
import { environmentName } from '../../settings/flags.ts'
import { generateKeyFiles } from '../../ssh/key-generation.ts'
import type { ShownKey } from '../public-key/public-key-answer.ts'
import type { KeyRequest } from './keygen-command.ts'

export interface GenerateSurroundings {
  /** Of the user, whole. */
  readonly environment: NodeJS.ProcessEnv
  /** From now on nothing prints this value. Called before anybody else has it. */
  readonly mask: (secret: string) => void
  readonly hide: (text: string) => string
  readonly resolvePath: (path: string) => string
}

export interface GeneratedKey {
  /** `type base64 comment`. */
  readonly publicKey: string
  /** Only where it was asked for; null where it is stored. */
  readonly privateKey: string | null
  readonly shown: ShownKey
}

/**
 * Makes a key pair and brings the private half to where it was asked for: two files, a secret of a repository, or the caller.
 * @throws Failure `settings-invalid`, `secret-not-stored`; then nothing of the pair is left
 */
export async function generateKey(request: KeyRequest, surroundings: GenerateSurroundings): Promise<GeneratedKey> {
  const { type, comment, passphrase, target, url } = request
  const files = generateKeyFiles(type, { comment, passphrase })
  if (target.to !== 'stdout') surroundings.mask(files.privateKey)
  if (target.to === 'file') await writeKeyFiles(surroundings.resolvePath(target.path), files)
  else if (target.to === 'secret')
    await storeSecret({ ...target, value: files.privateKey }, forGh(surroundings.environment), surroundings.hide)
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

/** gh finds its login in the user's environment; our own secrets, such as the key's passphrase, are none of its business. */
const forGh = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith(environmentName(''))))
