import { overview } from '../settings/help.ts'
import type { Operation } from '../settings/operation.ts'
import { VERSION } from '../text/version.ts'
import type { Step } from './step.ts'
import { say, type Terminal } from './terminal.ts'

/** The commands of the terminal, loaded when they are called. Each resolves with the exit code. */
export const COMMANDS: Readonly<Record<string, (args: readonly string[], terminal: Terminal) => Promise<number>>> = {
  mirror: async (args, terminal) => (await import('./mirrors-terminal.ts')).mirrorCommand('mirror', args, terminal),
  plan: async (args, terminal) => (await import('./mirrors-terminal.ts')).mirrorCommand('plan', args, terminal),
  verify: async (args, terminal) => (await import('./mirrors-terminal.ts')).mirrorCommand('verify', args, terminal),
  'purge-backups': async (args, terminal) => (await import('./mirrors-terminal.ts')).mirrorCommand('purge-backups', args, terminal),
  'host-keys': async (args, terminal) => (await import('./host-keys/detect-host-keys.ts')).hostKeysCommand(args, terminal),
  'public-key': async (args, terminal) => (await import('./public-key/show-public-key.ts')).publicKeyCommand(args, terminal),
  keygen: async (args, terminal) => (await import('./keygen/generate-key.ts')).keygenCommand(args, terminal),
  demo: async (args, terminal) => (await import('./demo.ts')).demoCommand(args, terminal),
  help: async () => say(overview(VERSION)),
  version: async () => say(`${VERSION}\n`),
}

/** The operations of a step. Each resolves with the exit code. */
export const STEPS: Readonly<Record<Operation, (step: Step) => Promise<number>>> = {
  mirror: async step => (await import('./mirrors-step.ts')).mirrorStep(step),
  verify: async step => (await import('./mirrors-step.ts')).mirrorStep(step),
  'purge-backups': async step => (await import('./mirrors-step.ts')).mirrorStep(step),
  'detect-host-keys': async step => (await import('./host-keys/detect-host-keys.ts')).detectHostKeysStep(step),
  'show-public-key': async step => (await import('./public-key/show-public-key.ts')).showPublicKeyStep(step),
  'list-mirrors': async step => (await import('./configured-mirrors.ts')).listMirrorsStep(step),
  summarize: async step => (await import('./summarize.ts')).summarizeStep(step),
}
