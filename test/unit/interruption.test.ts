// The end of a process that was asked to end, in processes of their own.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { expect, test } from '@jest/globals'
import { runtimeOf } from '../../src/host/runtime.ts'

const LISTENER = pathToFileURL(resolve('src/host/interruption.ts')).href

/** A run that does not end by itself. @param timer in the place of setTimeout, so that the grace time is over at once, or never */
const endlessRun = (timer: string): string => `
  globalThis.setTimeout = work => (${timer}, { unref() {} })
  const { listenForInterruption } = await import('${LISTENER}')
  const signal = listenForInterruption(text => console.log(text))
  signal.addEventListener('abort', () => console.log(signal.reason.message))
  process.once('exit', () => console.log('tidied up'))
  setInterval(() => {}, 2 ** 30)
  console.log('ready')`

test.each<[string, string, readonly NodeJS.Signals[], NodeJS.Signals]>([
  ['a second signal ends it at once', 'null', ['SIGTERM', 'SIGINT'], 'SIGINT'],
  ['the end of the grace time ends it', 'setImmediate(work)', ['SIGTERM'], 'SIGTERM'],
])('%s, by the signal, after all who tidy up', async (_, timer, signals, expected) => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', endlessRun(timer)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  const closed = once(child, 'close')
  const lines: string[] = []
  const left = [...signals]
  for await (const line of createInterface(child.stdout)) {
    lines.push(line)
    if (line === 'ready' || line === 'the run was interrupted') child.kill(left.shift() ?? 0)
  }
  expect(await closed).toEqual([null, expected])
  expect(lines).toEqual(['ready', expect.stringMatching(/^Interrupted\./), 'the run was interrupted', 'tidied up'])
})

test('an error that nothing caught ends the run as well, with the exit code of a bug', async () => {
  const script = `
    const { listenForInterruption } = await import('${LISTENER}')
    const signal = listenForInterruption()
    const run = new Promise(resolve => signal.addEventListener('abort', () => resolve(signal.reason)))
    setImmediate(() => { throw new TypeError('nothing caught it') })
    const { kind, message } = await run
    console.log(kind, message)
    process.exitCode = 1`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
  })
  const closed = once(child, 'close')
  const lines: string[] = []
  for await (const line of createInterface(child.stdout)) lines.push(line)
  expect(await closed).toEqual([70, null])
  expect(lines).toEqual(['internal nothing caught it'])
})

test('a wait before a retry ends with the signal', async () => {
  const controller = new AbortController()
  const waiting = runtimeOf({}, [], controller.signal).pause(2 ** 30, controller.signal)
  controller.abort()
  await expect(waiting).resolves.toBeUndefined()
})
