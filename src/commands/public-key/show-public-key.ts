import { publishAnswer } from '../../report/publish.ts'
import { type SettingsContext, settingsContext } from '../../settings/context.ts'
import type { InputName, RawInputs } from '../../settings/inputs.ts'
import { readLine } from '../../settings/read-inputs.ts'
import { publicHalf, readPrivateKey } from '../../ssh/key-pair.ts'
import type { Step } from '../step.ts'
import { flagOf, say, sayBoth, type Terminal } from '../terminal.ts'
import { type PublicKeysAnswer, publicKeyNotes, publicKeysAnswer, type ShownKey, shownKey } from './public-key-answer.ts'
import { type KeyQuestion, PUBLIC_KEY_HELP, parsePublicKeyCommand, parsePublicKeyQuestion } from './public-key-command.ts'

/** `operation: show-public-key`. Resolves with the exit code. */
export const showPublicKeyStep = async ({ raw, context, host }: Step): Promise<number> => publishAnswer(showPublicKey(raw, context), host)

/** The command `public-key`. Resolves with the exit code. */
export async function publicKeyCommand(args: readonly string[], { env, host }: Terminal): Promise<number> {
  const line = parsePublicKeyCommand(args)
  if (line.switches.has('help')) return say(PUBLIC_KEY_HELP)
  const nameOf = (input: InputName) => (input === 'remote-url' ? 'URL' : flagOf(input))
  const { raw, problems } = await readLine(line, env, host.mask)
  const { keys, json } = showPublicKey(raw, settingsContext(env, null, nameOf), problems)
  if (line.switches.has('json')) return say(json)
  for (const key of keys) sayBoth([`${key.line}\n`], publicKeyNotes(key))
  return 0
}

/**
 * Checks each private key as a mirror does, and shows its public half and where to register it. Connects to no server.
 * @param earlier problems found while the inputs were read
 * @throws Failure `secret-not-a-key`, `settings-invalid`, `credentials-missing`
 */
export const showPublicKey = (raw: RawInputs, context: SettingsContext, earlier: readonly string[] = []): PublicKeysAnswer =>
  publicKeysAnswer(parsePublicKeyQuestion(raw, context, earlier).map(question => keyToShow(question, context.serverUrl)))

function keyToShow({ secret, passphrase, url, username, access }: KeyQuestion, serverUrl: string | null): ShownKey {
  const line = publicHalf(readPrivateKey(secret, passphrase))
  const isMaskedByRunner = secret.split(/[\r\n]+/).some(part => part.trim() !== '' && line.includes(part.trim()))
  return { ...shownKey(line, url, access, { serverUrl, username }), isMaskedByRunner }
}
