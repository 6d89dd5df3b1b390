import { AUTH_SCHEMES } from '../credentials/authorization.ts'
import type { InputDescription } from './input-traits.ts'

/** The inputs about HTTPS and about the repository of the run: the end of the one table in inputs.ts. */
export const CONNECTION_INPUTS = [
  {
    name: 'ca-certificate',
    description: 'Additional certificate authorities to trust for HTTPS, in PEM format',
    traits: ['file', 'trust'],
  },
  {
    name: 'client-certificate',
    description: 'Client certificate for HTTPS servers that require one, in PEM format',
    traits: ['file', 'trust', 'of-mirror'],
  },
  {
    name: 'client-key',
    description: 'Private key of `client-certificate`, in PEM format, not encrypted',
    traits: ['secret', 'there', 'of-mirror'],
  },
  {
    name: 'allow-insecure-http',
    description:
      'Allow `http://` URLs, and `git://` as the source. Anyone on the network path can then change what is mirrored, and over `http://` read the token',
    default: 'false',
    traits: ['boolean', 'trust'],
  },
  {
    name: 'token',
    description:
      'Token for the repository of the run: reads it and, with `pull` and `bidirectional`, writes to it. Over SSH: a private key or password',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the runner
    default: '${{ github.token }}',
    traits: ['secret', 'here'],
  },
  {
    name: 'token-scheme',
    description:
      'How `token` is sent over HTTPS: `basic` or `bearer`. Default: as `auth-scheme` if both repositories are on one server, otherwise `basic`',
    choices: AUTH_SCHEMES,
    traits: ['here'],
  },
  {
    name: 'repository',
    description: 'Repository to mirror, as `owner/name` on the server where the workflow runs',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the runner
    default: '${{ github.repository }}',
    traits: ['repository', 'here'],
  },
  {
    name: 'repository-url',
    description: 'Repository to mirror, as a URL, instead of `repository`',
    traits: ['repository', 'url', 'here'],
  },
] as const satisfies readonly InputDescription[]
