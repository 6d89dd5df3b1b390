import { cpus, loadavg, totalmem } from 'node:os'
import { run } from '../test/support/child-process.ts'
import { gitEnvironment } from '../test/support/git-repository.ts'

/** Facts about the machine that matter for the numbers: `name: value`. */
export async function describeMachine(): Promise<Record<string, string>> {
  const words = async (program: string, ...args: string[]): Promise<string> => {
    const { stdout, stderr } = await run(program, args, { cwd: '/', env: gitEnvironment() })
    return `${stdout}${stderr}`.trim()
  }
  const processors = cpus()
  return {
    processor: `${processors[0]?.model.trim() ?? 'unknown'}, ${processors.length} cores`,
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    'load before': loadavg()
      .map(load => load.toFixed(2))
      .join(' '),
    node: process.version,
    git: (await words('git', 'version')).replace('git version ', ''),
    openssh: (await words('ssh', '-V')).split(',')[0] ?? '',
    nginx: (await words('nginx', '-v')).replace(/^.*nginx\//s, ''),
  }
}
