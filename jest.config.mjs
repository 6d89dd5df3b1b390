import { availableParallelism } from 'node:os'

// One project per kind of test (docs/development.md): `npm test -- --selectProjects unit` runs one of them.
const project = name => ({
  displayName: name,
  testEnvironment: '<rootDir>/test/support/environment.mjs',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`, ...(name === 'unit' ? ['<rootDir>/test/*.test.ts'] : [])],
  extensionsToTreatAsEsm: ['.ts'],
  setupFilesAfterEnv: ['<rootDir>/test/support/stack-limit.mjs'],
  transform: { '\\.ts$': '<rootDir>/tools/strip.mjs' },
})

export default {
  projects: ['unit', 'git', 'servers', 'scenarios'].map(project),
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  // Much of a test is waiting for servers and git: with one worker per processor a fifth of the time would pass idle.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
  // To start a program copies the page tables of the worker: 20 ms of a processor in one of 1 GB, 3 ms in a new one. Tests start tens of thousands.
  // For the same reason new objects get little room (`--max-semi-space-size` in package.json), and memory comes in large pages (script/test).
  workerIdleMemoryLimit: '64MB',
  testSequencer: './test/support/sequencer.mjs',
  testTimeout: 120_000,
}
