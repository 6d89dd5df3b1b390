import { compareHostKeys } from '../../host-keys/detection.ts'
import { publishAnswer } from '../../report/publish.ts'
import { withFiles } from '../../settings/flag-files.ts'
import type { InputName, RawInputs } from '../../settings/inputs.ts'
import { scanHostKeys } from '../../ssh/host-key-scan.ts'
import type { Step } from '../step.ts'
import { say, sayBoth } from '../terminal.ts'
import { parseHostKeyQuestion, type QuestionContext } from './host-key-question.ts'
import { type HostKeysAnswer, hostKeysAnswer } from './host-keys-answer.ts'
import { HOST_KEYS_HELP, parseHostKeysCommand } from './host-keys-command.ts'

/** `operation: detect-host-keys`. Resolves with the exit code. */
export async function detectHostKeysStep({ raw, context: { nameOf }, host }: Step): Promise<number> {
  return await publishAnswer(await detectHostKeys(raw, { nameOf }), host)
}

/** Exit code: a key contradicts what is known of the server. */
const UNTRUSTED = 3

/** The command `host-keys`. Resolves with the exit code. */
export async function hostKeysCommand(args: readonly string[]): Promise<number> {
  const line = parseHostKeysCommand(args)
  if (line.switches.has('help')) return say(HOST_KEYS_HELP)
  const nameOf = (input: InputName) => (input === 'remote-url' ? 'HOST' : `--${input}`)
  const { raw, problems } = await withFiles(line)
  const { notes, outputs, json, problem } = await detectHostKeys(raw, { nameOf, hostAlone: true }, problems)
  const lines = outputs['host-keys'] ?? ''
  if (line.switches.has('json')) say(json)
  else sayBoth(lines === '' ? [] : [`${lines}\n`], [notes])
  return problem === null ? 0 : UNTRUSTED
}

/**
 * Asks the server of `remote-url` for all its host keys and compares them with what is known of it. Trusts none of them, and needs no secret.
 * @param earlier problems found while the inputs were read
 * @throws Failure when the inputs cannot be used, the host does not answer, or it is no SSH server
 */
async function detectHostKeys(raw: RawInputs, context: QuestionContext, earlier: readonly string[] = []): Promise<HostKeysAnswer> {
  const question = parseHostKeyQuestion(raw, context, earlier)
  return hostKeysAnswer(compareHostKeys(question, await scanHostKeys(question)))
}
