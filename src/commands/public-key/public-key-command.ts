import { type CommandLine, environmentName, parseFlags } from '../../settings/flags.ts'

export const PUBLIC_KEY_HELP = `Show the public half of a private key, and where to register it. Connects to no server.

Usage:
  repository-mirroring public-key [URL] [flags]

URL is that of the mirror; with it, the page where the key is registered can be named.

Flags:
  --username NAME
      user name at the mirror, if its URL has none. Default: git
  --json
      print everything as JSON

Secrets are never flags. Set each in a variable, or in a file:
  ${environmentName('auth-secret')}, --auth-secret-file PATH
      the private key: OpenSSH, PEM or PKCS#8, or base64 of such a file
  ${environmentName('ssh-key-passphrase')}, --ssh-key-passphrase-file PATH
      its passphrase, if it has one

The public half goes to stdout, everything else to stderr.

Exit codes:
  0 success · 2 invalid settings, or a key that cannot be used · 3 no key is given · 70 a bug in this program
`

/** Reads `[URL] [flags]`; the URL becomes the input `remote-url`. Pure. */
export function parsePublicKeyCommand(args: readonly string[]): CommandLine {
  const line = parseFlags(args, { inputs: ['username', 'auth-secret', 'ssh-key-passphrase'], switches: ['json'], positional: 1 })
  return { ...line, raw: { ...line.raw, 'remote-url': line.positional[0] ?? '' } }
}
