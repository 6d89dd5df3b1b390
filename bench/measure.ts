import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '../test/support/temporary-directory.ts'
import { median } from './statistics.ts'

export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

export interface Measured {
  /** From the start of the process until it has ended. */
  readonly ms: number
  /** Peak memory of the process itself, without its children; null if the system does not report it. */
  readonly peakBytes: number | null
  readonly stdout: string
}

const SAMPLE_MS = 10

/** Runs a command to its end; throws if it fails. Its output goes to files, so that this process does not have to read it. */
export async function measure({ program, args, env }: Command): Promise<Measured> {
  const directory = temporaryDirectory()
  const files = ['stdout', 'stderr'].map(name => join(directory, name))
  const [out, err] = files.map(file => openSync(file, 'w'))
  const started = performance.now()
  const child = spawn(program, args, { cwd: directory, env: { ...env }, stdio: ['ignore', out, err] })
  let peakBytes: number | null = null
  const sampler = setInterval(() => {
    peakBytes = peakOf(child.pid) ?? peakBytes
  }, SAMPLE_MS)
  const code = await new Promise<number | string | null>((resolve, reject) => {
    child.once('error', reject).once('exit', (status, signal) => resolve(status ?? signal))
  }).finally(() => {
    clearInterval(sampler)
    for (const file of [out, err]) if (file !== undefined) closeSync(file)
  })
  const ms = performance.now() - started
  const [stdout = '', stderr = ''] = files.map(file => readFileSync(file, 'utf8'))
  rmSync(directory, { recursive: true, force: true })
  if (code !== 0)
    throw new Error(`${program} ${args.slice(0, 2).join(' ')} … ended with ${code}\n${stdout.slice(-2_000)}${stderr.slice(-4_000)}`)
  return { ms, peakBytes, stdout }
}

/** VmHWM of proc(5), which only grows: the last sample is the peak, except for growth in the last 10 ms. */
function peakOf(pid: number | undefined): number | null {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return found === null ? null : Number(found[1]) * 1024
  } catch {
    return null
  }
}

/** One of the commands to compare. */
export interface Contender {
  /** Prepares a run; not timed. */
  readonly prepare?: () => Promise<void> | void
  readonly run: () => Promise<Omit<Measured, 'stdout'>>
}

export interface Result {
  /** Median. */
  readonly ms: number
  readonly all: readonly number[]
  readonly peakBytes: number | null
}

/** Runs all contenders in turn, so that other work on the machine affects all of them equally. */
export async function alternate(contenders: readonly Contender[], times: number): Promise<Result[]> {
  const runs = contenders.map(() => [] as Omit<Measured, 'stdout'>[])
  for (let i = 0; i < times; i++) {
    for (const [n, { prepare, run }] of contenders.entries()) {
      await prepare?.()
      runs[n]?.push(await run())
    }
  }
  return runs.map(measured => {
    const all = measured.map(({ ms }) => ms)
    const peaks = measured.flatMap(({ peakBytes }) => peakBytes ?? [])
    return { ms: median(all), all, peakBytes: peaks.length === 0 ? null : Math.max(...peaks) }
  })
}
