import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** The reusable workflow, from the project's directory. */
export const REUSABLE = '.github/workflows/mirror.yml'

/** The parts of a workflow that tests look at. */
export interface Workflow {
  readonly on: Readonly<Record<string, Called | undefined>>
  readonly permissions?: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}
interface Called {
  readonly inputs?: Readonly<Record<string, { readonly type: string; readonly default?: unknown }>>
  readonly secrets?: Readonly<Record<string, unknown>>
  readonly outputs?: Readonly<Record<string, { readonly value: string }>>
}
export interface Job {
  readonly if?: string
  readonly needs?: string | readonly string[]
  readonly uses?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly secrets?: Readonly<Record<string, string>> | 'inherit'
  readonly permissions?: Readonly<Record<string, string>>
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean }
  readonly 'timeout-minutes'?: unknown
  readonly outputs?: Readonly<Record<string, string>>
  readonly strategy?: Readonly<Record<string, unknown>>
  readonly steps?: readonly Step[]
}
export interface Step {
  readonly id?: string
  readonly name?: string
  readonly if?: string
  readonly uses?: string
  readonly run?: string
  readonly env?: Readonly<Record<string, string>>
  readonly with?: Readonly<Record<string, string>>
}

/** @param file from the project's directory @throws where it is no YAML */
export const readWorkflow = (file: string): Workflow => parse(readFileSync(join(process.cwd(), file), 'utf8')) as Workflow
