import { describe, expect, test } from '@jest/globals'
import { secretForms } from '../../src/credentials/secret-forms.ts'
import { gitEnvironment } from '../../src/git/environment.ts'
import { parseRemoteUrl, type RemoteUrl } from '../../src/remote/url.ts'
import { httpsAccess } from '../../src/session/https.ts'
import { readActionInputs } from '../../src/settings/read-inputs.ts'
import { maskIn } from '../../src/text/redact.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('secretForms', () => {
  test('raw, trimmed, each line, base64 alone and with the user, URL-encoded', () => {
    const secret = ' pa$$ wörd/long-line-one\r\nsecond-long-line\n'
    const trimmed = secret.trim()
    const forms = secretForms(secret, ['bot'])
    for (const form of [
      secret,
      trimmed,
      'pa$$ wörd/long-line-one',
      'second-long-line',
      base64(secret),
      base64(trimmed),
      base64(`bot:${trimmed}`),
      base64(`bot:${secret}`),
      encodeURIComponent(trimmed),
      encodeURIComponent(trimmed).replace(/%[0-9A-F]{2}/g, code => code.toLowerCase()),
      encodeURIComponent(trimmed).replaceAll('%20', '+'),
    ]) {
      expect(forms).toContain(form)
    }
  })
  test('escaped for JSON, HTML and a shell, and in base64url', () => {
    const secret = `a"b\\c/d<e>&f'g?~${'ÿ'.repeat(3)}`
    const forms = secretForms(secret, ['bot'])
    const json = JSON.stringify(secret).slice(1, -1)
    const html = `a&quot;b\\c/d&lt;e&gt;&amp;f`
    for (const form of [json, json.replaceAll('/', '\\/'), `${html}'g?~ÿÿÿ`, `${html}&#39;g?~ÿÿÿ`, secret.replace("'", "'\\''")])
      expect(forms).toContain(form)
    // As Go and Ruby write it.
    expect(forms).toContain(`a\\"b\\\\c/d\\u003ce\\u003e\\u0026f'g?~ÿÿÿ`)
    expect(forms).toContain(`${html.replace('&quot;', '&#34;')}&#39;g?~ÿÿÿ`)
    for (const text of [secret, `bot:${secret}`]) expect(forms).toContain(Buffer.from(text).toString('base64url'))
  })
  test('lines of a key whose line ends were written as \\n', () =>
    expect(secretForms('line-number-one\\nline-number-two', [])).toContain('line-number-two'))
  test('short lines of a longer secret are left, a short secret is not', () => {
    expect(secretForms('abc\nlong-enough-line', [])).not.toContain('abc')
    expect(secretForms('abc', [])).toContain('abc')
  })
  test('nothing has no forms', () => expect(secretForms(' \n', ['bot'])).toEqual([]))
  test('masking takes the longest first', () =>
    expect(maskIn(`x ${base64('bot:abc')} abcd`, secretForms('abc', ['bot']))).toBe('x *** ***d'))
})

const url = (text: string): RemoteUrl => {
  const parsed = parseRemoteUrl(text, { allowInsecureHttp: true })
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed
}

const NO_FILES = { authorities: null, certificate: null, key: null }

describe('httpsAccess', () => {
  test('the header is for this server alone, and no redirect is followed with it', () => {
    const access = httpsAccess(
      url('https://h.example:8443/g/p.git'),
      { username: 'bot', secret: 'tok\n', scheme: 'basic' },
      { ...NO_FILES, authorities: '/ca.pem' },
    )
    expect(access.config).toContainEqual(['http.https://h.example:8443/.extraHeader', `Authorization: Basic ${base64('bot:tok')}`])
    expect(access.variables).toEqual({ GIT_SSL_CAINFO: '/ca.pem' })
    expect(access.config).toContainEqual(['http.followRedirects', 'false'])
  })
  test('IPv6, and a Bearer token', () =>
    expect(httpsAccess(url('https://[::1]/p'), { username: 'u', secret: ' s\n', scheme: 'bearer' }, NO_FILES).config).toContainEqual([
      'http.https://[::1]/.extraHeader',
      'Authorization: Bearer s',
    ]))
  test('without a secret there is no header', () => {
    const { config } = httpsAccess(url('https://h/p'), { username: 'bot', secret: null, scheme: 'bearer' }, NO_FILES)
    expect(config.map(([key]) => key).join()).not.toContain('extraHeader')
    expect(config).toContainEqual(['http.followRedirects', 'initial'])
  })
})

test("git's environment is closed to the user's configuration", () => {
  const environment = {
    PATH: '/bin',
    HOME: '/root',
    GIT_DIR: '/x',
    GIT_SSH_COMMAND: 'evil',
    SSH_AUTH_SOCK: '/agent',
    HTTPS_PROXY: 'http://p:1',
    GIT_CONFIG_COUNT: '9',
    RUNNER_TRACKING_ID: 'github_1',
  }
  const env = gitEnvironment(environment, '/private/home', { protocol: 'https', config: [['a.b', 'c']], variables: {} })
  expect(env).toMatchObject({
    PATH: '/bin',
    HOME: '/private/home',
    HTTPS_PROXY: 'http://p:1',
    GIT_ALLOW_PROTOCOL: 'https',
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_GLOBAL: '/dev/null',
    // At the end of the job the runner ends the processes with it.
    RUNNER_TRACKING_ID: 'github_1',
  })
  for (const name of ['GIT_DIR', 'SSH_AUTH_SOCK', 'GIT_SSH_COMMAND']) expect(env).not.toHaveProperty(name)
  const config = Object.fromEntries(
    Array.from({ length: Number(env['GIT_CONFIG_COUNT']) }, (_, index) => [
      env[`GIT_CONFIG_KEY_${index}`],
      env[`GIT_CONFIG_VALUE_${index}`],
    ]),
  )
  expect(config).toMatchObject({
    'core.hooksPath': '/dev/null',
    'credential.helper': '',
    'gc.auto': '0',
    'maintenance.auto': 'false',
    'core.askPass': '',
  })
  const last = Number(env['GIT_CONFIG_COUNT']) - 1
  expect([env[`GIT_CONFIG_KEY_${last}`], env[`GIT_CONFIG_VALUE_${last}`]]).toEqual(['a.b', 'c'])
})

test('a git that speaks HTTP gets each variable of a proxy, another one none', () => {
  const both = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap(name => [name, name.toLowerCase()])
  const variables = Object.fromEntries(both.map(name => [name, `of ${name}`]))
  const given = (access: Parameters<typeof gitEnvironment>[2]) =>
    Object.entries(gitEnvironment(variables, '/private/home', access)).filter(([name]) => /proxy/i.test(name))
  const access = (protocol: 'https' | 'http' | 'ssh') => ({ protocol, config: [], variables: {} })
  for (const protocol of ['https', 'http'] as const) expect(Object.fromEntries(given(access(protocol)))).toEqual(variables)
  for (const other of [access('ssh'), null]) expect(given(other)).toEqual([])
})

describe('what is masked besides the secret inputs', () => {
  const masked = (env: NodeJS.ProcessEnv): string[] => {
    const texts: string[] = []
    readActionInputs(env, forms => void texts.push(...forms))
    return texts
  }

  test.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'http_proxy'])('the password of the proxy in %s', name => {
    const texts = masked({ [name]: 'http://ada:p%40ss-of-proxy@proxy.example:3128' })
    for (const form of ['p@ss-of-proxy', 'p%40ss-of-proxy', base64('ada:p@ss-of-proxy')]) expect(texts).toContain(form)
    expect(masked({ [name]: 'http://proxy.example:3128' })).toEqual([])
    // The proxy gets all up to the last `@`.
    expect(masked({ [name]: 'ada:p@ss-of-proxy@proxy.example:3128' })).toContain('p@ss-of-proxy')
    expect(masked({ [name]: 'ada:p@ss-of-proxy@proxy.example:3128' })).not.toContain('p')
  })

  test.each(['client-certificate', 'ca-certificate', 'known-host-keys'])('a private key in `%s`', input => {
    const key = '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIBbbbbbbbbbb\nAwEHoUQDQgAEaaaaaaaa\n-----END EC PRIVATE KEY-----'
    const certificate = '-----BEGIN CERTIFICATE-----\nMIIBpublic\n-----END CERTIFICATE-----'
    const texts = masked({ [`INPUT_${input.toUpperCase()}`]: `${certificate}\n${key}\n` })
    expect(texts).toContain('MHcCAQEEIBbbbbbbbbbb')
    expect(texts.join('\n')).not.toContain('MIIBpublic')
    const encrypted = key.replace('-----\n', '-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0123456789ABCDEF\n\n')
    expect(masked({ [`INPUT_${input.toUpperCase()}`]: `${certificate}\n${encrypted}` })).toContain('MHcCAQEEIBbbbbbbbbbb')
  })
})
