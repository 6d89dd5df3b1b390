import { rmSync } from 'node:fs'
import { recordedOutput } from './recorded-output.ts'
import { findSecrets } from './secret-forms.ts'

/** After all tests: no run may have shown a secret of any run, in whatever form. */
export default function teardown() {
  const runs = recordedOutput()
  const secrets = [...new Set(runs.flatMap(run => run.secrets))]
  const findings = runs.flatMap(run => findSecrets(run.text, secrets).map(finding => `${run.run}: ${finding}`))
  for (const made of [process.env.RECORDED_OUTPUT, process.env.TEST_PROGRAM]) rmSync(made, { recursive: true, force: true })
  if (findings.length === 0) return
  // An error thrown here would keep jest from writing its results.
  process.stderr.write(`\nsecrets in the output of ${runs.length} runs:\n${findings.join('\n')}\n`)
  process.exitCode = 1
}
