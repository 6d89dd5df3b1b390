// Detect host keys, as a step and at a terminal: no secret, no checkout, no clone.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { findNode20, runCli, runMain, runPost } from '../support/action-step.ts'
import { commandHere } from '../support/command-here.ts'
import { type Sshd, startSshd } from '../support/sshd.ts'

let sshd: Sshd
beforeAll(async () => {
  sshd = await startSshd({ hostKeys: ['ed25519', 'ecdsa-521', 'rsa'] })
})
afterAll(async () => sshd?.stop())

const sorted = (text: string): string[] => text.trim().split('\n').sort()

describe.each([
  ['this node', () => process.execPath],
  ['node 20', findNode20],
])('on %s', (_, node) => {
  test('a step shows all keys, has them as output, and leaves nothing behind', async () => {
    const step = await runMain({ operation: 'detect-host-keys', 'remote-url': sshd.url('/x.git') }, { node: node() })
    expect(step).toMatchObject({ code: 0, leaks: [] })
    expect(Object.keys(step.outputs)).toEqual(['host-keys'])
    expect(sorted(step.outputs['host-keys'] ?? '')).toEqual(sorted(sshd.knownHosts))
    for (const line of sorted(sshd.knownHosts)) for (const place of [step.summary, step.stdout]) expect(place).toContain(line)
    expect((await runPost(step)).code).toBe(0)
  })

  test('a step fails where a known key was replaced', async () => {
    const known = `[127.0.0.1]:${sshd.port} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl`
    const inputs = { operation: 'detect-host-keys', 'remote-url': sshd.url('/x.git'), 'known-host-keys': known }
    const step = await runMain(inputs, { node: node() })
    expect(step).toMatchObject({ code: 1, leaks: [] })
    expect(step.stdout).toContain('::error title=Host key changed::')
  })

  test('a command', async () => {
    const shown = await runCli(['host-keys', `127.0.0.1:${sshd.port}`], { node: node() })
    expect(shown).toMatchObject({ code: 0, stderr: expect.stringContaining('not verified yet') })
    expect(sorted(shown.stdout)).toEqual(sorted(sshd.knownHosts))
  })
})

test('help', async () => {
  const help = await commandHere(['host-keys', '--help'])
  expect(help.code).toBe(0)
  expect(help.stdout).toContain('host-keys HOST[:PORT] [flags]')
})
