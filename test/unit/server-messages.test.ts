import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { isTransient, KINDS, type Kind, UNKNOWN_HINT } from '../../src/errors/kinds.ts'
import { classify } from '../../src/errors/table.ts'
import { warningIn } from '../../src/errors/warnings.ts'
import { remoteFailure } from '../../src/git/remote-failure.ts'

/** A message of a server or a tool, as it was found. */
interface Message {
  readonly id: string
  readonly text: string
  /** What its reader has to do. */
  readonly fix: string
  readonly scope: string
  readonly transient: boolean
  /** Found word for word; otherwise made after the server's source or documentation. */
  readonly verbatim: boolean
}

const { messages } = JSON.parse(readFileSync(new URL('../fixtures/server-messages.json', import.meta.url), 'utf8')) as {
  messages: readonly Message[]
}
const messageOf = (id: string): Message => {
  const message = messages.find(one => one.id === id)
  if (message === undefined) throw new Error(`no message "${id}"`)
  return message
}

// The kind of each message, and words of the hint that say what the message's `fix` says. One differs on purpose: no setting of git that would
// trust a repository of somebody else reaches the git of a run (git-dubious-ownership).
const EXPECTED: readonly (readonly [string, Kind, RegExp])[] = [
  ['github-gh001-large-file', 'large-file', /rewrite the history.*git lfs migrate import.*leave the ref out/],
  ['github-gh006-protected-branch', 'protected-branch', /remove the rule.*let the mirror.*force-push.*leave the branch out/],
  ['github-gh006-force-push', 'force-push-denied', /allow force pushes/],
  ['github-gh006-status-check', 'protected-branch', /remove the rule/],
  ['github-gh006-reviews', 'protected-branch', /remove the rule.*let the mirror/],
  ['github-gh008-lfs-missing', 'lfs-object-missing', /git lfs fetch --all.*git lfs push --all/],
  ['github-gh009-lfs-integrity', 'server-error', /run again.*contact GitHub's support/],
  ['github-gh013-ruleset', 'ruleset-violation', /bypass list.*leave the ref out/],
  ['github-workflow-app', 'workflow-scope', /`workflow` scope.*deploy key/],
  ['github-hidden-ref', 'hidden-ref', /leave the ref out/],
  ['github-pull-refs-hook-old', 'hidden-ref', /leave the ref out/],
  ['github-actions-bot-403', 'permission-denied', /permissions: contents: write.*its own repository only.*deploy key/],
  ['github-permission-denied-user', 'permission-denied', /write access/],
  ['github-push-protection-secret', 'secret-in-commit', /open the address.*switch push protection off.*rewrite the history/],
  ['github-deploy-key-read-only', 'read-only', /add the deploy key again with write access/],
  ['github-write-not-granted', 'read-only', /Contents.*read and write.*permissions: contents: write/],
  ['github-classic-pat-forbidden', 'permission-denied', /fine-grained.*app.*deploy key/],
  ['github-invalid-token', 'credentials-refused', /token may have expired/],
  ['github-oauth-workflow-scope', 'workflow-scope', /token with the `workflow` scope/],
  ['github-pat-workflow-scope', 'workflow-scope', /`workflow` scope.*deploy key/],
  ['github-gh007-private-email', 'private-email', /Block command line pushes that expose my email.*deploy key/],
  ['github-gh002-hex-branch', 'ref-name-refused', /leave the ref out.*rename/],
  ['github-gh003-force-push', 'force-push-denied', /allow force pushes.*leave the ref out/],
  ['github-gh005-ref-length', 'ref-name-refused', /leave the ref out.*rename/],
  ['github-delete-protected', 'deletion-denied', /allow deletions.*leave the ref out.*`prune: none`/],
  ['github-password-auth-removed', 'credentials-refused', /a token, or an SSH key/],
  ['github-saml-sso', 'credentials-refused', /Configure SSO.*app or a deploy key/],
  ['github-archived', 'read-only', /unarchive/],
  ['github-not-found-https', 'repository-not-found', /check the path.*credentials may see/],
  ['github-not-found-ssh', 'repository-not-found', /check the path.*credentials may see/],
  ['github-pack-too-big', 'large-file', /split the push.*fewer refs.*older commits first in steps/],
  ['lfs-github-quota', 'lfs-quota', /buy LFS storage.*raise its budget.*leave the refs with LFS files out/],
  ['git-checked-out-branch', 'current-branch', /bare repository/],
  ['git-delete-current-branch', 'current-branch', /make another branch the destination's default/],
  ['git-deletion-prohibited', 'deletion-denied', /allow deletions.*`prune: none`/],
  ['git-deny-non-fast-forward', 'force-push-denied', /allow force pushes for the mirror at the destination/],
  ['git-non-fast-forward', 'diverged', /`keep-divergent: false` to overwrite/],
  ['git-stale-info', 'raced', /next run sees the new state/],
  ['git-tag-exists', 'diverged', /keep-divergent: false.*force.*leave it out/],
  ['git-atomic-failed', 'atomic-refused', /other refs' reasons/],
  ['git-atomic-unsupported', 'not-supported', /`atomic: false`/],
  ['git-push-options-unsupported', 'not-supported', /leave `push-options` empty/],
  ['git-object-format', 'object-format-mismatch', /destination with the source's object format/],
  ['git-df-conflict', 'ref-conflict', /delete or rename the one at the destination/],
  ['git-ref-locked', 'ref-not-written', /run again.*lock file that was left behind has to be removed/],
  ['git-ref-moved', 'raced', /next run sees the new state/],
  ['git-failed-to-update-ref', 'ref-not-written', /read the server's own lines/],
  ['git-pre-receive-declined', 'hook-declined', /read the hook's own words/],
  ['git-update-hook-declined', 'hook-declined', /read the hook's own words/],
  ['git-unpacker-error', 'unpack-failed', /own `fatal:` line.*mostly at the server/],
  ['git-max-input-size', 'large-file', /split the push/],
  ['git-shallow-not-allowed', 'source-shallow', /full clone \(`git fetch --unshallow`\)/],
  ['git-missing-objects', 'objects-missing', /full clone.*git fsck/],
  ['git-funny-ref', 'ref-name-refused', /leave the ref out/],
  ['git-not-a-repository', 'repository-not-found', /check the path.*create it/],
  ['git-http-repo-not-found', 'repository-not-found', /check the path of the URL.*credentials/],
  ['git-dubious-ownership', 'foreign-owner', /run as the user that owns the repository/],
  ['git-could-not-read', 'remote-unreadable', /read the lines before it, by the SSH program or the server/],
  ['git-credentials-missing', 'credentials-missing', /set `auth-secret`/],
  ['git-authentication-failed', 'credentials-refused', /check the token.*user name/],
  ['http-403', 'permission-denied', /write access/],
  ['http-429', 'rate-limited', /run less often, or later/],
  ['http-5xx', 'server-error', /run again later/],
  ['http-408-413-rpc', 'large-file', /raise the limit.*over SSH.*smaller steps/],
  ['http-rpc-5xx', 'server-error', /run again later/],
  ['http-rpc-403', 'permission-denied', /write access/],
  ['git-sideband-disconnect', 'connection-lost', /run again/],
  ['git-remote-hung-up', 'connection-lost', /run again/],
  ['git-early-eof', 'connection-lost', /run again/],
  ['curl-http2-stream', 'connection-lost', /run again/],
  ['git-rate-limited', 'rate-limited', /run less often, or later/],
  ['gitlab-protected-push', 'protected-branch', /remove the rule.*push to this branch.*leave the branch out/],
  ['gitlab-protected-force', 'force-push-denied', /allow force pushes/],
  ['gitlab-protected-delete', 'deletion-denied', /leave the ref out.*`prune: none`/],
  ['gitlab-protected-delete-web-only', 'deletion-denied', /unprotect the branch.*first.*`prune: none`/],
  ['gitlab-protected-merge', 'protected-branch', /let the mirror's user or key push/],
  ['gitlab-protected-create', 'protected-branch', /let the mirror's user or key push/],
  ['gitlab-default-branch-delete', 'current-branch', /make another branch the destination's default/],
  ['gitlab-hex-branch', 'ref-name-refused', /leave the ref out/],
  ['gitlab-invalid-branch-name', 'ref-name-refused', /leave the ref out.*rename/],
  ['gitlab-protected-tag-update', 'protected-tag', /unprotect the tag at the destination/],
  ['gitlab-protected-tag-create', 'protected-tag', /allow the mirror's user or key to create/],
  ['gitlab-protected-tag-delete', 'deletion-denied', /leave the ref out.*`prune: none`/],
  ['gitlab-change-tags', 'protected-tag', /Maintainer/],
  ['gitlab-tag-name', 'ref-name-refused', /leave the ref out/],
  ['gitlab-lfs-missing', 'lfs-object-missing', /git lfs push --all/],
  ['gitlab-read-only-repo', 'read-only-for-now', /run again later/],
  ['gitlab-read-only-instance', 'read-only-for-now', /run again later.*push to the primary/],
  ['gitlab-archived', 'read-only', /unarchive/],
  ['gitlab-not-allowed-push', 'permission-denied', /write access/],
  ['gitlab-deploy-key-readonly', 'read-only', /deploy key or token write access/],
  ['gitlab-not-found', 'repository-not-found', /check the path.*credentials may see/],
  ['gitlab-no-repo', 'repository-not-found', /initialise the repository/],
  ['gitlab-http-disabled', 'protocol-disabled', /use the other protocol/],
  ['gitlab-job-token', 'permission-denied', /allowlist.*personal access token or a deploy token/],
  ['gitlab-basic-denied', 'credentials-refused', /new token with the scope `write_repository`.*user name must not be empty.*oauth2/],
  ['gitlab-size-limit', 'storage-limit', /free space.*raise its limit/],
  ['gitlab-file-size', 'large-file', /rewrite the history.*with LFS.*raise the destination's limit/],
  ['gitlab-author-email', 'push-rule', /disable the rule/],
  ['gitlab-committer-verified', 'push-rule', /disable the rule/],
  ['gitlab-not-member', 'push-rule', /disable the rule/],
  ['gitlab-commit-message', 'push-rule', /disable the rule/],
  ['gitlab-signed-commits', 'push-rule', /disable the rule/],
  ['gitlab-branch-name-rule', 'ref-name-refused', /leave the ref out.*disable/],
  ['gitlab-prohibited-file', 'push-rule', /disable the rule/],
  ['gitlab-tag-delete-rule', 'deletion-denied', /leave the ref out.*prune: none/],
  ['gitlab-secret-push-protection', 'secret-in-commit', /switch push protection off.*secret_push_protection.skip_all/],
  ['gitlab-401', 'server-misconfigured', /administrator.*secret of gitlab-shell/],
  ['gitlab-push-timeout', 'timed-out', /push fewer refs and commits at once/],
  ['gitea-protected-push', 'protected-branch', /let the mirror's user or key push/],
  ['gitea-protected-force', 'force-push-denied', /allow force pushes/],
  ['gitea-protected-delete', 'deletion-denied', /leave the ref out.*`prune: none`/],
  ['gitea-default-delete', 'current-branch', /make another branch the destination's default/],
  ['gitea-protected-unsigned', 'push-rule', /disable the rule/],
  ['gitea-protected-file', 'push-rule', /disable the rule/],
  ['gitea-protected-tag', 'protected-tag', /allow the mirror's user or key/],
  ['gitea-quota', 'storage-limit', /free space.*raise/],
  ['gitea-user-denied', 'permission-denied', /write access/],
  ['gitea-internal-ref', 'hidden-ref', /leave the ref out/],
  ['gitea-mirror-ro-ssh', 'read-only', /convert the destination to a regular repository/],
  ['gitea-mirror-ro-http', 'read-only', /convert the destination to a regular repository/],
  ['gitea-archived', 'read-only', /unarchive/],
  ['gitea-deploy-key', 'read-only', /deploy key or token write access/],
  ['gitea-not-found', 'repository-not-found', /create it/],
  ['gitea-push-to-create', 'repository-not-found', /create it/],
  ['gitea-2fa', 'credentials-refused', /token in place of the password/],
  ['bitbucket-size-limit', 'storage-limit', /free space.*new repository/],
  ['bitbucket-branch-permission', 'protected-branch', /remove the rule.*let the mirror/],
  ['bitbucket-pack-limit', 'large-file', /split the push/],
  ['bitbucket-server-own-commits', 'push-rule', /disable the rule/],
  ['bitbucket-server-not-found', 'repository-not-found', /check the path.*credentials/],
  ['azure-tf402455', 'protected-branch', /Bypass policies when pushing.*remove the policy/],
  ['azure-tf401027', 'permission-denied', /grant the permission.*to the identity that it names/],
  ['azure-tf401019', 'repository-not-found', /check the path.*Code.*read and write/],
  ['azure-public-key', 'ssh-key-refused', /right key/],
  ['azure-conditional-access', 'permission-denied', /network that the policy allows.*service principal/],
  ['codecommit-403', 'permission-denied', /attach a policy.*fresh credentials/],
  ['gerrit-prohibited-update', 'permission-denied', /grant.*Push.*Force Push, Create Reference, Push Merge, Forge Committer/],
  ['gerrit-merges', 'permission-denied', /grant.*Push Merge/],
  ['gitolite-denied-any', 'permission-denied', /add a rule.*gitolite.conf/],
  ['gitolite-denied-ref', 'permission-denied', /RW\+.*RW\+CD/],
  ['ssh-host-key-unknown', 'host-key-unknown', /verify the fingerprint.*add the line/],
  ['ssh-host-key-failed', 'host-key-unknown', /add the line.*in the old one/],
  ['ssh-host-key-changed', 'host-key-changed', /ask the server's owner.*replace the line/],
  ['ssh-host-key-revoked', 'host-key-revoked', /do not connect/],
  ['ssh-permission-denied', 'ssh-key-refused', /add the public half of the key/],
  ['ssh-load-key-libcrypto', 'secret-not-a-key', /whole private key file.*BEGIN and END.*last newline/],
  ['ssh-load-key-invalid', 'secret-not-a-key', /whole private key file.*puttygen.*private-openssh/],
  ['ssh-load-key-perm', 'secret-not-a-key', /chmod 600/],
  ['ssh-passphrase', 'secret-not-a-key', /give the passphrase.*a key without one/],
  ['ssh-identity-missing', 'secret-not-a-key', /correct the path/],
  ['ssh-too-many-auth', 'ssh-key-refused', /the one right key/],
  ['ssh-hostkey-alg', 'host-key-algorithm', /host keys of old types/],
  ['ssh-kex-alg', 'ssh-algorithms', /key exchanges, ciphers and MACs/],
  ['ssh-no-mutual-sig', 'ssh-key-refused', /use an ed25519 key/],
  ['ssh-dns', 'host-not-found', /check the host's name/],
  ['ssh-refused', 'connection-refused', /check host and port.*443.*ssh.github.com, altssh.gitlab.com, altssh.bitbucket.org/],
  ['ssh-timeout', 'timed-out', /run again.*443.*HTTPS/],
  ['ssh-kex-closed', 'connection-lost', /run again later.*banned/],
  ['ssh-connection-closed', 'connection-lost', /run again/],
  ['ssh-server-not-responding', 'timed-out', /run again/],
  ['tls-gnutls-verify', 'tls-untrusted', /ca-certificate/],
  ['tls-openssl-issuer', 'tls-untrusted', /ca-certificate/],
  ['tls-openssl-selfsigned', 'tls-untrusted', /ca-certificate/],
  ['tls-openssl-hostname', 'tls-untrusted', /use the name in the URL/],
  ['tls-expired', 'tls-untrusted', /renew the certificate/],
  ['tls-gnutls-handshake', 'connection-lost', /check scheme and port.*run again/],
  ['tls-gnutls-recv', 'connection-lost', /run again/],
  ['tls-openssl-read', 'connection-lost', /run again/],
  ['proxy-407', 'proxy-refused', /http:\/\/user:password@proxy/],
  ['proxy-refused', 'proxy-refused', /allow this host/],
  ['http-dns', 'host-not-found', /check the host's name/],
  ['http-connect-failed', 'connection-refused', /check host and port/],
  ['http-reset', 'connection-lost', /run again/],
  ['lfs-auth-required', 'credentials-refused', /check the token.*not in the URL/],
  ['lfs-403', 'permission-denied', /access to LFS/],
  ['lfs-404', 'lfs-disabled', /enable LFS/],
  ['lfs-no-credentials', 'credentials-missing', /credentials for that host.*git-lfs-authenticate/],
  ['lfs-413', 'large-file', /raise the limit.*body/],
  ['lfs-422', 'lfs-object-refused', /check the objects/],
  ['lfs-429', 'rate-limited', /wait/],
  ['lfs-5xx', 'server-error', /run again/],
  ['lfs-507-509', 'lfs-quota', /buy.*free some/],
  ['lfs-object-missing', 'lfs-object-lost', /restore the object/],
  ['lfs-missing-local', 'lfs-object-missing', /git lfs fetch --all/],
  ['lfs-fetch-failed', 'lfs-incomplete', /lines above/],
  ['lfs-locked', 'lfs-locked', /unlock the files/],
  ['git-ref-exists', 'raced', /next run sees the new state/],
  ['github-push-ref-count', 'push-limit', /`atomic: false`.*smaller pushes/],
  ['github-rule-update', 'ruleset-violation', /bypass list.*leave the ref out/],
  ['github-commit-refs', 'server-error', /run again.*two names are in conflict/],
  ['github-internal-error', 'server-error', /run again later/],
  ['github-ip-allow-list', 'permission-denied', /self-hosted runner.*static address/],
  ['github-no-anonymous-write', 'credentials-missing', /give a token.*forks and of Dependabot/],
  ['gitea-token-forbidden', 'permission-denied', /write:repository/],
  ['gitea-bad-token', 'credentials-refused', /check the token/],
  ['gitea-not-found-http', 'repository-not-found', /check the path.*credentials/],
  ['git-info-refs-invalid', 'not-a-repository', /check that the URL is the clone URL/],
]

/** Messages that look like errors and are none. */
const WARNINGS: readonly (readonly [string, RegExp])[] = [
  ['github-gh001-large-file-warning', /nothing is required; consider LFS/],
  ['github-bypassed-rules', /nothing to do/],
  ['bitbucket-size-warning', /nothing to do yet/],
  ['lfs-locksverify', /locksverify.*false/],
]

describe('every message of a server that is known', () => {
  test.each(EXPECTED)('%s is %s', (id, kind, says) => {
    const row = classify(messageOf(id).text)
    expect(row?.kind).toBe(kind)
    expect(row?.hint ?? KINDS[kind].hint).toMatch(says)
  })

  test.each(WARNINGS)('%s is a warning', (id, says) => {
    const { text } = messageOf(id)
    expect(classify(text)).toBeNull()
    expect(text.split('\n').map(line => warningIn(line)?.hint)).toContainEqual(expect.stringMatching(says))
  })

  test('none is left out', () => {
    expect([...EXPECTED, ...WARNINGS].map(([id]) => id).sort()).toEqual(messages.map(({ id }) => id).sort())
  })

  test('is worth another try where it goes away by itself, and nowhere else', () => {
    const worth = EXPECTED.filter(([, kind]) => isTransient(KINDS[kind].fault)).map(([id]) => id)
    expect(worth).toEqual(EXPECTED.map(([id]) => id).filter(id => messageOf(id).transient))
  })

  test('has a kind of its own: none is what an unknown text is', () => {
    expect(EXPECTED.filter(([, kind]) => kind === 'remote-error' || kind === 'ref-rejected')).toEqual([])
  })
})

describe('what git says of a remote, as a failure', () => {
  test.each(EXPECTED)('%s keeps kind and hint, and its message is one of its lines', (id, kind, says) => {
    const { text } = messageOf(id)
    const failure = remoteFailure(text, 'there')
    expect(failure.kind).toBe(kind)
    expect(failure.hint).toMatch(says)
    expect(failure.message).not.toMatch(/^(?:fatal|error|remote): /)
  })

  test('a text that nobody knows is shown as it is, and called unknown', () => {
    const failure = remoteFailure('remote: The moon is full.\nfatal: Could not read from remote repository.\n', 'there')
    expect(failure).toMatchObject({ kind: 'remote-error', message: 'The moon is full.', hint: UNKNOWN_HINT })
    expect(failure.detail).toContain('fatal: Could not read from remote repository.')
  })

  test('a warning is not taken for the cause', () => {
    const failure = remoteFailure(`${messageOf('github-gh001-large-file-warning').text}\nremote: The moon is full.`, 'there')
    expect(failure).toMatchObject({ kind: 'remote-error', message: 'The moon is full.' })
  })
})
