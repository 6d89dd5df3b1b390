import { type ErrorRow, row } from './row.ts'

const PORT_443 = 'forges also answer at port 443 (ssh.github.com, altssh.gitlab.com, altssh.bitbucket.org), or use HTTPS'
const WHOLE_KEY = 'put the whole private key file in the secret, with its BEGIN and END lines and the last newline'

/**
 * Texts of the `ssh2` package and of OpenSSH's client, which another program may have started. The most specific come first: after a key
 * that cannot be loaded, OpenSSH reports a refused key as well.
 */
export const SSH_TEXTS: readonly ErrorRow[] = [
  // The server's identity. "Host key verification failed" follows each of these texts.
  row('host-key-revoked', 'connection', /REVOKED HOST KEY DETECTED|host key for \S+ was revoked/),
  row('host-key-changed', 'connection', /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for \S+ has changed/),
  row('host-key-unknown', 'connection', /No \S+ host key is known for/),
  row('host-key-unknown', 'connection', /Host key verification failed/, {
    hint: "verify the fingerprint with the server's owner, then add the line to `known-host-keys`, or put it in the old one's place",
  }),
  row('host-key-algorithm', 'connection', /no matching host key type found|Handshake failed: no matching host key format/, {
    hint: 'the server offers only host keys of old types: add an ed25519 key to the server, or use HTTPS',
  }),
  row('ssh-algorithms', 'connection', /no matching (?:key exchange method|cipher|MAC) found/),
  row('ssh-algorithms', 'connection', /Handshake failed: no matching (?:key exchange|C->S|S->C)/),

  // The login.
  row('secret-not-a-key', 'auth', /Load key "[^"]*": error in libcrypto/, { hint: WHOLE_KEY }),
  row('secret-not-a-key', 'auth', /Load key "[^"]*": invalid format/, {
    hint: `${WHOLE_KEY}; a key of PuTTY has to be converted (\`puttygen key.ppk -O private-openssh\`)`,
  }),
  row('secret-not-a-key', 'auth', /UNPROTECTED PRIVATE KEY FILE|Load key "[^"]*": bad permissions/, {
    hint: 'make the key file readable by its owner only (`chmod 600`)',
  }),
  row('secret-not-a-key', 'auth', /incorrect passphrase supplied to decrypt private key/, {
    hint: 'give the passphrase in `ssh-key-passphrase`, or use a key without one',
  }),
  row('secret-not-a-key', 'auth', /Identity file \S+ not accessible/, {
    hint: 'correct the path of the key file, or put the key itself in `auth-secret`',
  }),
  row('ssh-key-refused', 'auth', /Too many authentication failures/, {
    hint: 'put the right key in `auth-secret`, so that no other key is offered',
  }),
  row('ssh-key-refused', 'auth', /no mutual signature/, {
    hint: 'use an ed25519 key: with RSA keys the server accepts only SHA-1 signatures',
  }),
  row('ssh-key-refused', 'auth', /Public key authentication failed/, {
    hint: "put the right key in `auth-secret`: its public half must be in the account's SSH keys",
  }),
  row('ssh-key-refused', 'auth', /Permission denied \([a-z,-]*publickey/),
  row('ssh-password-refused', 'auth', /Permission denied \((?:password|keyboard-interactive)/),

  // The connection.
  row('connection-refused', 'connection', /ssh: connect to host \S+ port \S+: Connection refused/, {
    hint: `check host and port: ${PORT_443}`,
  }),
  row('timed-out', 'connection', /ssh: connect to host \S+ port \S+: \w+ timed out|timed out during banner exchange/, {
    hint: `run again; if it fails again, port 22 is blocked: ${PORT_443}`,
  }),
  row('timed-out', 'connection', /Timeout, server \S+ not responding|Timed out while waiting for handshake|Keepalive timeout/),
  row('connection-lost', 'connection', /(?:kex|ssh)_exchange_identification:/, {
    hint: 'run again later; if it fails again, check whether the server has banned this address, and how many logins it accepts at once (`MaxStartups`)',
  }),
]
