import { describe, expect, test } from '@jest/globals'
import { type Simulation, simulate } from '../support/simulation.ts'

/*
 * Two sides, three writers on each, and a run that goes on and off, is killed, refused and overtaken at any point. What happens is drawn from a seed, so
 * that a history that goes wrong can be looked at again: its number is in the message.
 */
const HISTORIES = 400

describe.each<Omit<Simulation, 'seed'>>([
  { keepDivergent: true, prune: 'all', forger: false },
  { keepDivergent: false, prune: 'all', forger: false },
  { keepDivergent: true, prune: 'merged', forger: false },
  { keepDivergent: false, prune: 'all', forger: true },
])('$keepDivergent, $prune, forger: $forger', rules => {
  test(`${HISTORIES} histories`, async () => {
    const problems: string[] = []
    let runs = 0
    let kills = 0
    let forgeries = 0
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const result = await simulate({ ...rules, seed })
      runs += result.runs
      kills += result.kills
      forgeries += result.forgeries
      problems.push(...result.problems.map(problem => `history ${seed}: ${problem}`))
    }
    expect(problems.slice(0, 10)).toEqual([])
    // Else nothing would have been tried.
    expect(runs).toBeGreaterThan(HISTORIES * 5)
    expect(kills).toBeGreaterThan(HISTORIES)
    expect(forgeries > HISTORIES * 5).toBe(rules.forger)
  })
})
