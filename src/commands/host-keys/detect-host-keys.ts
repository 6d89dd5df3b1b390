import { compareHostKeys, type HostKeyQuestion } from '../../host-keys/detection.ts'
import { publishAnswer } from '../../report/publish.ts'
import { settingsContext } from '../../settings/context.ts'
import type { InputName } from '../../settings/inputs.ts'
import { readLine } from '../../settings/read-inputs.ts'
import { scanHostKeys } from '../../ssh/host-key-scan.ts'
import type { Step } from '../step.ts'
import { say, sayBoth, type Terminal } from '../terminal.ts'
import { type HostKeysAnswer, hostKeysAnswer } from './host-keys-answer.ts'
import { HOST_KEYS_HELP, parseHostKeyQuestion, parseHostKeysCommand } from './host-keys-command.ts'

/** `operation: detect-host-keys`. Resolves with the exit code. */
export const detectHostKeysStep = async ({ raw, context, host }: Step): Promise<number> =>
  await publishAnswer(await detectHostKeys(parseHostKeyQuestion(raw, context, { hostAlone: false })), host)

/** Exit code for a key that differs from the known ones, or is revoked. */
const UNTRUSTED = 3

/** The command `host-keys`. Resolves with the exit code. */
export async function hostKeysCommand(args: readonly string[], { env, host }: Terminal): Promise<number> {
  const line = parseHostKeysCommand(args)
  if (line.switches.has('help')) return say(HOST_KEYS_HELP)
  const nameOf = (input: InputName) => (input === 'remote-url' ? 'HOST' : `--${input}`)
  const { raw, problems: earlier } = await readLine(line, env, host.mask)
  const question = parseHostKeyQuestion(raw, settingsContext(env, null, nameOf), { hostAlone: true, earlier })
  const { notes, outputs, json, problem } = await detectHostKeys(question)
  const lines = outputs['host-keys'] ?? ''
  if (line.switches.has('json')) say(json)
  else sayBoth(lines === '' ? [] : [`${lines}\n`], [notes])
  return problem === null ? 0 : UNTRUSTED
}

/** Asks the server of `remote-url` for all its host keys and compares them with the known ones. Trusts none of them, and needs no secret. */
const detectHostKeys = async (question: HostKeyQuestion): Promise<HostKeysAnswer> =>
  hostKeysAnswer(compareHostKeys(question, await scanHostKeys(question)))
