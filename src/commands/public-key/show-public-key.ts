import { keyPlace } from '../../remote/deploy-keys.ts'
import type { RawInputs } from '../../settings/inputs.ts'
import { publicHalf, readPrivateKey } from '../../ssh/key-pair.ts'
import { type PublicKeysAnswer, publicKeysAnswer, type ShownKey } from './public-key-answer.ts'
import { type KeyQuestion, type PublicKeyContext, parsePublicKeyQuestion } from './public-key-question.ts'

/**
 * Proves each private key that is given, as a mirror would, and tells its public half and where that is registered. Sends nothing to anybody.
 * @param earlier problems found while the inputs were read
 * @throws Failure `secret-not-a-key`, `settings-invalid`, `credentials-missing`
 */
export function showPublicKey(raw: RawInputs, context: PublicKeyContext, earlier: readonly string[] = []): PublicKeysAnswer {
  return publicKeysAnswer(parsePublicKeyQuestion(raw, context, earlier).map(question => shownKey(question, context.serverUrl)))
}

function shownKey({ secret, passphrase, url, username, access }: KeyQuestion, serverUrl: string | null): ShownKey {
  const line = publicHalf(readPrivateKey(secret, passphrase))
  return {
    line,
    url: url === null ? null : url.toString(),
    access,
    place: url === null ? null : keyPlace(url, access, { serverUrl, username }),
    isUsable: url === null || url.protocol === 'ssh',
    isMaskedByRunner: secret.split(/[\r\n]+/).some(part => part.trim() !== '' && line.includes(part.trim())),
  }
}
