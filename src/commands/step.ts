import { Failure } from '../errors/failure.ts'
import type { Host } from '../host/host.ts'
import type { Runtime } from '../host/runtime.ts'
import type { SettingsContext } from '../settings/context.ts'
import type { InputName, RawInputs } from '../settings/inputs.ts'
import { parseList } from '../settings/values.ts'

export interface Step {
  readonly raw: RawInputs
  readonly host: Host
  readonly context: SettingsContext
  readonly runtime: Runtime
}

/** The mirrors that `config-mirror` names; empty = all. A value without a name is refused, because it would select all. */
export function namesIn(raw: RawInputs, nameOf: (input: InputName) => string): string[] {
  const text = raw['config-mirror']?.trim() ?? ''
  const names = parseList(text)
  if (text !== '' && names.length === 0) throw new Failure('settings-invalid', `${nameOf('config-mirror')} names no mirror`)
  return names
}
