import { type CommandLine, parseFlags } from '../../settings/flags.ts'

export const HOST_KEYS_HELP = `Show all host keys of an SSH server, and compare them with the known ones. Trusts none of them and sends no credentials.

Usage:
  repository-mirroring host-keys HOST[:PORT] [flags]

HOST is a name or an address ([ADDRESS]:PORT for IPv6), or an SSH URL.
The lines for known-host-keys go to stdout (\`> hosts\` keeps them), the fingerprints and instructions to stderr.

Flags:
  --known-host-keys VALUE
      known keys of the server: known_hosts lines, public keys or SHA256: fingerprints; may be repeated
  --known-host-keys-file PATH
      the same from a file, e.g. ~/.ssh/known_hosts
  --json
      print everything as JSON

Exit codes:
  0 no key differs from the known ones · 1 not an SSH server · 2 invalid settings
  3 a known key was changed, or one is revoked · 4 network error
`

/** Reads `HOST[:PORT] [flags]`; the host becomes the input `remote-url`. Pure. */
export function parseHostKeysCommand(args: readonly string[]): CommandLine {
  const line = parseFlags(args, { inputs: ['known-host-keys'], switches: ['json'], positional: 1 })
  return { ...line, raw: { ...line.raw, 'remote-url': line.positional[0] ?? '' } }
}
