import { resolve } from 'node:path'
import { storeSecret } from '../../forge/gh.ts'
import type { Host } from '../../host/host.ts'
import { writeKeyFiles } from '../../keys/key-files.ts'
import { settingsContext } from '../../settings/context.ts'
import { environmentName } from '../../settings/flags.ts'
import { maskSecrets, readLine } from '../../settings/read-inputs.ts'
import { generateKeyFiles } from '../../ssh/key-generation.ts'
import { generatedKeyNotes, shownKey } from '../public-key/public-key-answer.ts'
import { flagOf, say, sayBoth, type Terminal } from '../terminal.ts'
import { KEYGEN_HELP, type KeyRequest, parseKeygenCommand, readKeyRequest } from './keygen-command.ts'

/** The command `keygen`. Resolves with the exit code. */
export async function keygenCommand(args: readonly string[], { env, host }: Terminal): Promise<number> {
  const line = parseKeygenCommand(args)
  if (line.switches.has('help')) return say(KEYGEN_HELP)
  const request = readKeyRequest(await readLine(line, env, host.mask), settingsContext(env, null, flagOf))
  const { privateKey, publicKey, shown } = await generateKey(request, env, host)
  const notes = generatedKeyNotes(request, shown)
  return privateKey === null ? sayBoth([`${publicKey}\n`], notes) : sayBoth([privateKey], [publicKey, '', ...notes])
}

/**
 * Makes a key pair and stores it in two files or in a secret of a repository, or returns the private half.
 * @throws Failure `settings-invalid`, `secret-not-stored`; then the pair is discarded
 */
export async function generateKey({ type, comment, passphrase, target, url }: KeyRequest, env: NodeJS.ProcessEnv, host: Masking) {
  const { privateKey, publicKey } = generateKeyFiles(type, comment, passphrase)
  const line = publicKey.split(' ').slice(0, 2).join(' ')
  const remote = url?.protocol === 'file' ? null : url
  const made = { publicKey, shown: shownKey(line, remote, 'write', { serverUrl: null, username: remote?.user ?? 'git' }) }
  if (target.to === 'stdout') return { ...made, privateKey }
  maskSecrets({ 'auth-secret': privateKey }, host.mask)
  if (target.to === 'file') await writeKeyFiles(resolve(target.path), { privateKey, publicKey })
  else await storeSecret({ ...target, value: privateKey }, forGh(env), host.hide)
  return { ...made, privateKey: null }
}

type Masking = Pick<Host, 'mask' | 'hide'>

/** gh gets the user's environment, which has its login, without the secrets of this program, such as the key's passphrase. */
const forGh = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith(environmentName(''))))
