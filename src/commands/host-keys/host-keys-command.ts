import { type CommandLine, parseFlags } from '../../settings/flags.ts'

export const HOST_KEYS_HELP = `Show all host keys of an SSH server, compared with what is known of it. Trusts none of them and sends no credentials.

Usage:
  repository-mirroring host-keys HOST[:PORT] [flags]

HOST is a name or an address ([ADDRESS]:PORT for IPv6), or an ssh URL. 
The lines for known-host-keys go to stdout (\`> hosts\` keeps them), the fingerprints and what to do with them to stderr.

Flags:
  --known-host-keys VALUE
      what you know of the server: known_hosts lines, public keys or SHA256: fingerprints; may be given more than once
  --known-host-keys-file PATH
      the same from a file, e.g. ~/.ssh/known_hosts
  --json
      print everything as JSON

Exit codes:
  0 no key contradicts what is known · 2 settings · 3 a known key was changed, or one is revoked · 4 network
  1 it is no SSH server
`

/** Reads `HOST[:PORT] [flags]`; the host becomes the input `remote-url`. Pure. */
export function parseHostKeysCommand(args: readonly string[]): CommandLine {
  const line = parseFlags(args, { inputs: ['known-host-keys'], switches: ['json'], positional: 1 })
  return { ...line, raw: { ...line.raw, 'remote-url': line.positional[0] ?? '' } }
}
