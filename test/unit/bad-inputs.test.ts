// Credentials and hosts that cannot work: what each of them is told, word for word, before anything is connected.
import { describe, expect, test } from '@jest/globals'
import { Failure } from '../../src/errors/failure.ts'
import type { RawInputs } from '../../src/settings/inputs.ts'
import { sshTarget } from '../../src/ssh/target.ts'
import { ON_GITHUB, settingsFrom } from '../support/settings.ts'

const GOOD: RawInputs = {
  'remote-url': 'https://git.example.com/g/p.git',
  'auth-secret': 's3cret-token',
  repository: 'o/r',
  token: 'ghs_here',
}
const SSH = { 'remote-url': 'ssh://git@git.example.com/g/p.git' }
const HOST_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----'
const PLAIN_KEY = '-----BEGIN PRIVATE KEY-----\nTUlJ\n-----END PRIVATE KEY-----'
const BODY = 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW'
const pem = (label: string, body = BODY): string => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`

/** As far as a run goes before it connects: the settings, and the login of each side that is reached over SSH. */
function begin(raw: RawInputs): void {
  const settings = settingsFrom({ ...GOOD, ...raw }, ON_GITHUB)
  for (const side of ['here', 'there'] as const) {
    const { url, username, secret, passphrase, agentSocket } = settings[side]
    if (url.protocol !== 'ssh') continue
    sshTarget({
      host: url.host,
      port: url.port,
      username,
      secret,
      passphrase,
      agentSocket,
      knownHostKeys: settings.knownHostKeys,
    })
  }
}

function failureOf(raw: RawInputs): Failure {
  try {
    begin(raw)
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('no failure')
}

const secretsIn = (raw: RawInputs): string[] =>
  ['auth-secret', 'token', 'ssh-key-passphrase', 'client-key'].flatMap(name => {
    const value = raw[name as keyof RawInputs]?.trim() ?? ''
    // What is no secret at all may be named, e.g. a variable that was not resolved.
    return value.length >= 6 ? [value, ...value.split('\n').filter(line => line.length >= 12 && !line.startsWith('---'))] : []
  })

const ROWS: readonly (readonly [name: string, raw: RawInputs, message: string])[] = [
  // The secret of an ssh URL.
  [
    'no secret and no agent',
    { ...SSH, 'auth-secret': '' },
    '`auth-secret` is missing; an SSH URL needs a private key, a password, or an SSH agent (the variable SSH_AUTH_SOCK)',
  ],
  [
    'a blank secret',
    { ...SSH, 'auth-secret': ' \n' },
    '`auth-secret` is missing; an SSH URL needs a private key, a password, or an SSH agent (the variable SSH_AUTH_SOCK)',
  ],
  [
    'a public key',
    { ...SSH, 'auth-secret': `${HOST_KEY} me@example.org` },
    'the secret is a public key (the .pub file), not the private key',
  ],
  ['a public key in PEM', { ...SSH, 'auth-secret': pem('PUBLIC KEY') }, 'the secret is a public key, not the private key'],
  [
    'an SSH certificate',
    { ...SSH, 'auth-secret': 'ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t me' },
    'the secret is an SSH certificate, not a private key',
  ],
  ['an X.509 certificate', { ...SSH, 'auth-secret': CERTIFICATE }, 'the secret is a certificate, not a private key'],
  [
    'a PuTTY key',
    { ...SSH, 'auth-secret': 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: mirror-key-comment\n' },
    'the secret is a PuTTY key: export it in OpenSSH format (PuTTYgen: Conversions, Export OpenSSH key; or `puttygen key.ppk -O private-openssh -o key`)',
  ],
  ['a PGP key', { ...SSH, 'auth-secret': pem('PGP PRIVATE KEY BLOCK') }, 'the secret is a PGP key, not an SSH private key'],
  [
    'a key of ssh.com',
    { ...SSH, 'auth-secret': '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56wAAAi4AAAA3\n---- END SSH2 ENCRYPTED PRIVATE KEY ----' },
    'the secret is a private key in the format of ssh.com: convert it with `ssh-keygen -i`',
  ],
  [
    'half a key, its beginning',
    { ...SSH, 'auth-secret': `-----BEGIN OPENSSH PRIVATE KEY-----\n${BODY}\n` },
    'the private key is cut short: it has no END line that belongs to its BEGIN line',
  ],
  [
    'half a key, its end',
    { ...SSH, 'auth-secret': `${BODY}\n-----END OPENSSH PRIVATE KEY-----\n` },
    'the private key is cut short: it has no BEGIN line',
  ],
  [
    'a key without its first and last line',
    { ...SSH, 'auth-secret': `${BODY}\n` },
    'the private key has lost its BEGIN and END lines: copy the whole file again',
  ],
  ['a damaged key', { ...SSH, 'auth-secret': pem('OPENSSH PRIVATE KEY') }, 'the private key is damaged: copy the whole file again'],
  [
    'two keys',
    { ...SSH, 'auth-secret': pem('OPENSSH PRIVATE KEY') + pem('OPENSSH PRIVATE KEY', `${BODY}xx`) },
    'the secret holds 2 private keys: give the one that is meant, alone',
  ],
  [
    'an encrypted key without a passphrase',
    { ...SSH, 'auth-secret': pem('ENCRYPTED PRIVATE KEY', 'MIIBvTBXBgkqhkiG9w0BBQ0w') },
    'the private key is encrypted, and no passphrase is given',
  ],
  [
    'an encrypted key with a wrong passphrase',
    { ...SSH, 'auth-secret': pem('ENCRYPTED PRIVATE KEY', 'MIIBvTBXBgkqhkiG9w0BBQ0w'), 'ssh-key-passphrase': 'hunter2-hunter2' },
    'the passphrase does not open the private key',
  ],
  [
    'a token of GitHub',
    { ...SSH, 'auth-secret': 'ghp_0123456789abcdef' },
    '`auth-secret` is an access token, which forges do not accept over SSH: give a private key, or an https URL',
  ],
  [
    'a token of GitLab',
    { ...SSH, 'auth-secret': 'glpat-0123456789abcdef' },
    '`auth-secret` is an access token, which forges do not accept over SSH: give a private key, or an https URL',
  ],
  [
    'the path of a key',
    { ...SSH, 'auth-secret': '~/.ssh/id_ed25519' },
    '`auth-secret` is the path of a file, not its content: give the private key itself',
  ],
  [
    'the path of a key on Windows',
    { ...SSH, 'auth-secret': 'C:\\Users\\me\\mirror.pem' },
    '`auth-secret` is the path of a file, not its content: give the private key itself',
  ],
  [
    'several lines',
    { ...SSH, 'auth-secret': 'first-line-of-it\nsecond-line-of-it' },
    '`auth-secret` is neither a private key nor a password: it has several lines',
  ],
  [
    'a secret as the log shows it',
    { ...SSH, 'auth-secret': '***' },
    '`auth-secret` is only asterisks, as a log shows a secret: give the secret itself',
  ],
  [
    'an expression that was not resolved',
    { ...SSH, 'auth-secret': '$' + '{{ secrets.KEY }}' },
    '`auth-secret` is an expression that was not resolved: give the secret itself',
  ],
  [
    'a shell variable',
    { ...SSH, 'auth-secret': '$MIRROR_KEY' },
    '`auth-secret` is an expression that was not resolved: give the secret itself',
  ],
  [
    'the token of the run for an ssh source',
    { 'repository-url': 'ssh://git@git.example.com/g/p.git' },
    '`token` is the token of the run, which is no SSH password; an SSH URL needs a private key, a password, or an SSH agent (the variable SSH_AUTH_SOCK)',
  ],

  // The secret of an https URL.
  [
    'an SSH key',
    { 'auth-secret': pem('OPENSSH PRIVATE KEY') },
    '`auth-secret` is an SSH private key, but the URL https://git.example.com/g/p.git is not an ssh URL; give a token or password, or an ssh URL',
  ],
  [
    'a public key for https',
    { 'auth-secret': `${HOST_KEY} me` },
    '`auth-secret` is a key or a certificate, but the URL https://git.example.com/g/p.git is not an ssh URL; give a token or password, or an ssh URL',
  ],
  [
    'a certificate as the token',
    { 'auth-secret': CERTIFICATE },
    '`auth-secret` is a key or a certificate, but the URL https://git.example.com/g/p.git is not an ssh URL; give a token or password, or an ssh URL',
  ],
  [
    'two lines',
    { 'auth-secret': 'first-line-of-it\nsecond-line-of-it' },
    '`auth-secret` has several lines: give the token or password alone',
  ],
  [
    'a whole header',
    { 'auth-secret': 'Authorization: Bearer 0123456789abcdef' },
    '`auth-secret` begins with a word that belongs to a header: give the token alone',
  ],
  [
    'a scheme before the token',
    { 'auth-secret': 'Bearer 0123456789abcdef' },
    '`auth-secret` begins with a word that belongs to a header: give the token alone',
  ],
  ['user and token', { 'auth-secret': 'me:ghp_0123456789abcdef' }, '`auth-secret` contains a user name and a token: give only the token'],
  ['a token in quotes', { 'auth-secret': '"ghp_0123456789abcdef"' }, '`auth-secret` is in quotes: give it without them'],
  ['asterisks', { 'auth-secret': '********' }, '`auth-secret` is only asterisks, as a log shows a secret: give the secret itself'],
  [
    'a key as the token of the source',
    { token: pem('RSA PRIVATE KEY') },
    '`token` is an SSH private key, but the URL https://github.com/o/r.git is not an ssh URL; give a token or password, or an ssh URL',
  ],

  // User names.
  [
    'a colon in the user name',
    { username: 'me:s3cret-other' },
    '`username` must not contain a colon: put a password or token in `auth-secret`',
  ],
  ['a line end in the user name', { username: 'me\nyou' }, '`username` must be one user name, without line ends and control characters'],
  [
    'a deploy token without its user',
    { 'remote-url': 'https://gitlab.com/g/p.git', 'auth-secret': 'gldt-0123456789abcdef' },
    "`username` is missing: a deploy token of GitLab has a user name of its own (`gitlab+deploy-token-N`, or the token's name)",
  ],
  [
    'an app password without its user',
    { 'remote-url': 'https://bitbucket.org/o/r.git', 'auth-secret': 'ATBB0123456789abcdef' },
    '`username` is missing: an app password of Bitbucket goes with the name of its user, as in the Bitbucket profile settings',
  ],
  [
    'CodeCommit over https without a user',
    { 'remote-url': 'https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/r' },
    '`username` is missing: the Git credentials of CodeCommit are a user name and a password',
  ],
  [
    'CodeCommit over ssh without a user',
    { 'remote-url': 'ssh://git-codecommit.eu-west-1.amazonaws.com/v1/repos/r', 'auth-secret': 'hunter2-hunter2' },
    '`username` is missing: CodeCommit takes the SSH key ID (APKA…) as the user of an ssh URL',
  ],

  // Hosts and URLs.
  ['no URL', { 'remote-url': '' }, '`remote-url` is missing; give the URL of the mirror, e.g. ssh://git@example.com/group/project.git'],
  [
    'Bitbucket without the owner',
    { 'remote-url': 'https://bitbucket.org/repo.git' },
    '`remote-url`: the URL names no owner: at "bitbucket.org" a repository is at OWNER/REPOSITORY',
  ],
  [
    'Bitbucket over ssh without the owner',
    { 'remote-url': 'git@bitbucket.org:repo.git', 'auth-secret': 'hunter2-hunter2' },
    '`remote-url`: the URL names no owner: at "bitbucket.org" a repository is at OWNER/REPOSITORY',
  ],
  [
    'GitHub with the owner alone',
    { 'remote-url': 'https://github.com/owner/' },
    '`remote-url`: the URL names no owner: at "github.com" a repository is at OWNER/REPOSITORY',
  ],
  [
    'clear text',
    { 'remote-url': 'http://git.example.com/g/p.git' },
    '`remote-url`: `http://` sends everything in clear text: use `https://`, or set `allow-insecure-http` to `true`',
  ],
  [
    'the git protocol',
    { 'remote-url': 'git://git.example.com/g/p.git' },
    '`remote-url`: anyone on the network path can change what `git://` carries: use `https://`, or set `allow-insecure-http` to `true` to read from it',
  ],
  [
    'a push over the git protocol',
    { 'remote-url': 'git://git.example.com/g/p.git', 'auth-secret': '', 'allow-insecure-http': 'true' },
    '`remote-url` is a destination, and `git://` is only for reading: use an ssh or https URL, not git://git.example.com/g/p.git',
  ],
  [
    'a forge that has switched the git protocol off',
    { direction: 'pull', 'remote-url': 'git://github.com/g/p.git', 'auth-secret': '', 'allow-insecure-http': 'true' },
    '`remote-url`: "github.com" does not offer `git://`: use the https URL of the repository',
  ],
  ['an option in the place of the URL', { 'remote-url': '-oProxyCommand=touch' }, '`remote-url`: the URL starts with `-`'],
  [
    'an option in the place of the user',
    { 'remote-url': 'ssh://-oProxyCommand=x@git.example.com/g/p.git' },
    '`remote-url`: the user of the URL starts with `-`',
  ],
  [
    'a port out of range',
    { 'remote-url': 'ssh://git@git.example.com:99999/g/p.git' },
    '`remote-url`: the port of the URL is not a number from 1 to 65535',
  ],
  [
    'a user and a password in an scp-style URL',
    { 'remote-url': 'git:s3cret-other@git.example.com:g/p.git' },
    '`remote-url`: what stands before the `@` of the URL looks like a password: write `user@host:path`',
  ],
  [
    'the source itself',
    { 'remote-url': 'https://github.com/o/r.git' },
    '`remote-url` is the same repository as the source: https://github.com/o/r.git',
  ],

  // Host keys.
  [
    'no host key',
    { ...SSH, 'known-host-keys': 'nonsense' },
    '`known-host-keys`: line 1: not a host key; allowed: known_hosts lines ("host type base64"), public keys ("type base64"), fingerprints ("SHA256:…")',
  ],
  [
    'a private key in their place',
    { ...SSH, 'known-host-keys': pem('OPENSSH PRIVATE KEY') },
    '`known-host-keys`: a private key stands where host keys belong; allowed: known_hosts lines ("host type base64"), public keys ("type base64"), fingerprints ("SHA256:…")',
  ],
  [
    'a host certificate authority',
    { ...SSH, 'known-host-keys': `@cert-authority * ${HOST_KEY}` },
    '`known-host-keys`: line 1: host certificates (@cert-authority) cannot be checked; name the host key itself',
  ],
  [
    'a damaged key',
    { ...SSH, 'known-host-keys': 'git.example.com ssh-ed25519 AAAAC3Nz' },
    '`known-host-keys`: line 1: the key is damaged, or not of the type before it ("ssh-ed25519"); copy the whole line',
  ],
  [
    'a damaged fingerprint',
    { ...SSH, 'known-host-keys': 'SHA256:abc' },
    '`known-host-keys`: line 1: damaged fingerprint; allowed: "SHA256:" and 43 characters of base64, "MD5:" and 16 pairs of hex digits',
  ],

  // Certificates.
  [
    'an authority by its path',
    { 'ca-certificate': '/etc/ssl/ca.pem' },
    '`ca-certificate` must be certificates in PEM (-----BEGIN CERTIFICATE-----)',
  ],
  ['a client key without its certificate', { 'client-key': PLAIN_KEY }, '`client-key` has no effect without `client-certificate`'],
  [
    'a client certificate without its key',
    { 'client-certificate': CERTIFICATE },
    '`client-key` is missing: the certificate contains no private key',
  ],
  [
    'a client key that is encrypted',
    { 'client-certificate': CERTIFICATE, 'client-key': pem('ENCRYPTED PRIVATE KEY', 'MIIBvTBXBgkqhkiG9w0BBQ0w') },
    '`client-key` is encrypted: decrypt it first (`openssl pkey -in key.pem -out plain.pem`)',
  ],
  [
    'a client certificate that is a key',
    { 'client-certificate': PLAIN_KEY, 'client-key': PLAIN_KEY },
    '`client-certificate` must be a certificate in PEM (-----BEGIN CERTIFICATE-----)',
  ],
]

test('there are enough of them', () => expect(ROWS.length).toBeGreaterThanOrEqual(40))

describe('what is told of', () => {
  test.each(ROWS)('%s', (_name, raw, message) => {
    const failure = failureOf(raw)
    expect(failure.message).toBe(message)
    expect(failure.fault).toMatch(/^(?:settings|auth)$/)
    const said = [failure.message, failure.hint, failure.detail ?? ''].join('\n')
    for (const secret of secretsIn({ ...GOOD, ...raw })) expect(said).not.toContain(secret)
    expect(said).not.toMatch(/\n {4}at |node_modules|src\//)
    expect(failure.message).not.toMatch(/^[A-Z]|\.$/)
    expect(failure.hint.length).toBeGreaterThan(10)
  })
})
