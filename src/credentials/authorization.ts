/** How a secret is sent over HTTP (RFC 7617, RFC 6750). */
export const AUTH_SCHEMES = ['basic', 'bearer'] as const

export type AuthScheme = (typeof AUTH_SCHEMES)[number]

/** A login over HTTP. */
export interface WebLogin {
  /** The user of HTTP Basic; a Bearer token has none. */
  readonly username: string
  readonly secret: string | null
  readonly scheme: AuthScheme
}

/** The value of the header `Authorization`; null without a secret. A line break after a pasted token is not part of it. */
export function authorizationOf({ username, secret, scheme }: WebLogin): string | null {
  if (secret === null) return null
  if (scheme === 'bearer') return `Bearer ${secret.trim()}`
  return `Basic ${Buffer.from(`${username}:${secret.trim()}`, 'utf8').toString('base64')}`
}
