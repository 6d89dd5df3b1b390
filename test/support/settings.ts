import type { RawInputs } from '../../src/settings/inputs.ts'
import { parseSettings } from '../../src/settings/parse.ts'
import { isTokenOfRun } from '../../src/settings/read.ts'
import type { SettingsContext } from '../../src/settings/remotes.ts'
import type { Settings } from '../../src/settings/settings.ts'

/** What a run knows besides its inputs: as on a terminal, but for the changes. */
export const contextWith = (changes: Partial<SettingsContext> = {}): SettingsContext => ({
  serverUrl: null,
  nameOf: input => input,
  resolvePath: path => path,
  windows: process.platform === 'win32',
  isTokenOfRun: () => false,
  ...changes,
})

/** The changes for a step on GitHub. */
export const ON_GITHUB = {
  serverUrl: 'https://github.com',
  nameOf: (input: string) => `\`${input}\``,
  resolvePath: (path: string) => `/abs/${path}`,
  windows: false,
  isTokenOfRun: (token: string) => isTokenOfRun(token, {}),
}

/** Settings as the entries read them. */
export const settingsFrom = (inputs: RawInputs, changes: Partial<SettingsContext> = {}): Settings =>
  parseSettings(inputs, contextWith(changes))
