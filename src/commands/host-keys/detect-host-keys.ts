import { compareHostKeys } from '../../host-keys/detection.ts'
import type { RawInputs } from '../../settings/inputs.ts'
import { scanHostKeys } from '../../ssh/host-key-scan.ts'
import { parseHostKeyQuestion, type QuestionContext } from './host-key-question.ts'
import { type HostKeysAnswer, hostKeysAnswer } from './host-keys-answer.ts'

/**
 * Asks the server of `remote-url` for all its host keys and compares them with what is known of it. Trusts none of them, and needs no secret.
 * @param earlier problems found while the inputs were read
 * @throws Failure when the inputs cannot be used, the host does not answer, or it is no SSH server
 */
export async function detectHostKeys(raw: RawInputs, context: QuestionContext, earlier: readonly string[] = []): Promise<HostKeysAnswer> {
  const question = parseHostKeyQuestion(raw, context, earlier)
  return hostKeysAnswer(compareHostKeys(question, await scanHostKeys(question)))
}
