import { type CommandLine, environmentName } from '../../settings/command-line.ts'
import { parseFlags } from '../../settings/flags.ts'
import type { InputName, RawInputs } from '../../settings/inputs.ts'

const SECRETS: readonly InputName[] = ['auth-secret', 'ssh-key-passphrase']

export const PUBLIC_KEY_HELP = `Show the public half of a private key, and where to register it. Sends nothing to anybody.

Usage:
  repository-mirroring public-key [URL] [flags]

URL is that of the mirror; with it, the page where the key is registered can be named.

Flags:
  --username NAME
      user name at the mirror, where its URL names none. Default: git
  --json
      print everything as JSON

Secrets are never flags. Give each in a variable, or in a file:
  ${environmentName('auth-secret')}, --auth-secret-file PATH
      the private key: OpenSSH, PEM or PKCS#8, or base64 of such a file
  ${environmentName('ssh-key-passphrase')}, --ssh-key-passphrase-file PATH
      its passphrase, if it has one

The public half goes to stdout, all else to stderr.

Exit codes:
  0 shown · 2 settings, or a key that cannot be used · 3 no key is given · 70 a bug of ours
`

/** Reads `[URL] [flags]`; the URL becomes the input `remote-url`. Pure. */
export function parsePublicKeyCommand(args: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const fileFlags = SECRETS.map(input => ({ input, flag: `${input}-file` }))
  const flags = parseFlags(args, { values: ['username', ...fileFlags.map(({ flag }) => flag)], switches: ['json'], positional: 1 })
  const raw: Partial<Record<InputName, string>> = { 'remote-url': flags.positional[0] ?? '', username: flags.values.get('username') ?? '' }
  for (const input of SECRETS) {
    const value = env[environmentName(input)]
    if (value !== undefined) raw[input] = value
  }
  const files = fileFlags.flatMap(({ input, flag }) => {
    const path = flags.values.get(flag)
    return path === undefined ? [] : [{ input, path }]
  })
  return {
    raw: raw satisfies RawInputs,
    ...{ files, json: flags.switches.has('json'), verbose: false, help: flags.switches.has('help'), problems: flags.problems },
  }
}
