import { looksLikeKey, looksLikePrivateKey } from '../keys/private-key.ts'
import { FORGE_TOKEN } from '../remote/token.ts'

// Usual places and names of key files; a password like that is unlikely.
const KEY_PATH = /^(?:~|\.{1,2}|[A-Za-z]:)?[\\/](?:[^\n]*[\\/])?(?:[^\n\\/]+\.(?:pem|key|ppk|pub)|id_[a-z0-9_]+)$/

/** Mistakes that happen when any secret is stored, in words that follow the input's name. */
function problemOfPaste(text: string): string | null {
  if (/^\*+$/.test(text)) return 'is only asterisks, as a log shows a secret: give the secret itself'
  if (/^\$\{\{.*\}\}$/s.test(text) || /^\$(?:\{\w+\}|[A-Z][A-Z0-9]*_[A-Z0-9_]*)$/.test(text))
    return 'is an expression that was not resolved: give the secret itself'
  if (/^["'].*["']$/.test(text) && FORGE_TOKEN.test(text.slice(1))) return 'is in quotes: give it without them'
  return null
}

/** Why a secret cannot be an SSH password; null if it can, or if it looks like a key, which is checked elsewhere. */
export function problemOfSshSecret(secret: string): string | null {
  if (looksLikeKey(secret)) return null
  const text = secret.trim()
  if (FORGE_TOKEN.test(text)) return 'is an access token, which forges do not accept over SSH: give a private key, or an https URL'
  if (KEY_PATH.test(text)) return 'is the path of a file, not its content: give the private key itself'
  if (/[\r\n]/.test(text)) return 'is neither a private key nor a password: it has several lines'
  return problemOfPaste(text)
}

/** Why a secret cannot be a token or password for HTTP; null if it can. */
export function problemOfWebSecret(secret: string): string | null {
  const text = secret.trim()
  if (looksLikePrivateKey(secret)) return 'is an SSH private key'
  if (looksLikeKey(secret)) return 'is a key or a certificate'
  if (/[\r\n]/.test(text)) return 'has several lines: give the token or password alone'
  if (/^(?:Authorization:|Bearer|Basic|token) /i.test(text)) return 'begins with a word that belongs to a header: give the token alone'
  if (/^[^:\s]+:/.test(text) && FORGE_TOKEN.test(text.slice(text.indexOf(':') + 1)))
    return 'contains a user name and a token: give only the token'
  return problemOfPaste(text)
}
