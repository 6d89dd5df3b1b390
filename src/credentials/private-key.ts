const BLOCK = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----\s*([\s\S]*?)\s*-----END \1-----/

/** Whether a secret is meant to be a private key, whole or not: it has the first line of one (PEM, OpenSSH, ssh.com, PuTTY). */
export const looksLikePrivateKey = (secret: string): boolean =>
  /-{4,5} ?BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(secret) || /\bPuTTY-User-Key-File-\d/.test(secret)

/**
 * A pasted private key as ssh-keygen would have written it: CRLF, `\n` spelled out, line breaks lost to spaces, indentation, quotes,
 * text around it and a missing last newline are mended. A text without a whole key in it is only trimmed.
 */
export function mendPrivateKey(text: string): string {
  const lines = text.replaceAll('\\r', '').replaceAll('\\n', '\n').replace(/\r\n?/g, '\n')
  const [, label, body] = BLOCK.exec(lines) ?? []
  if (label === undefined || body === undefined)
    return lines
      .trim()
      .replace(/^(["'])([\s\S]*)\1$/, '$2')
      .trim()
  const mended = body
    .split('\n')
    .map(line => line.trim())
    .join('\n')
  // Without a header (`Proc-Type: …`) there is nothing but base64, so every blank was a line break once.
  const whole = mended.includes(':') ? mended : mended.replace(/\s+/g, '\n')
  return `-----BEGIN ${label}-----\n${whole}\n-----END ${label}-----\n`
}
