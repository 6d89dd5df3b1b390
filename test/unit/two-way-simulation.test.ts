import { describe, expect, test } from '@jest/globals'
import { type Simulation, simulate } from '../support/simulation.ts'

/*
 * Two sides, three writers on each, and a run that goes on and off, is killed, refused and overtaken at any point. What happens is drawn from a seed, so
 * that a history that goes wrong can be looked at again: its number is in the message.
 */
describe.each<Omit<Simulation, 'seed'> & { readonly histories: number }>([
  { keepDivergent: true, prune: 'all', forger: false, histories: 200 },
  { keepDivergent: false, prune: 'all', forger: false, histories: 200 },
  { keepDivergent: true, prune: 'merged', forger: false, histories: 200 },
  { keepDivergent: false, prune: 'all', forger: true, histories: 80 },
])('$keepDivergent, $prune, forger: $forger', ({ histories, ...rules }) => {
  test(`${histories} histories`, async () => {
    const problems: string[] = []
    let runs = 0
    let kills = 0
    let forgeries = 0
    for (let seed = 1; seed <= histories; seed++) {
      const result = await simulate({ ...rules, seed })
      runs += result.runs
      kills += result.kills
      forgeries += result.forgeries
      problems.push(...result.problems.map(problem => `history ${seed}: ${problem}`))
    }
    expect(problems.slice(0, 10)).toEqual([])
    // Else nothing would have been tried.
    expect(runs).toBeGreaterThan(histories * 5)
    expect(kills).toBeGreaterThan(histories)
    expect(forgeries > histories * 5).toBe(rules.forger)
  })
})
