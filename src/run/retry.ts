/**
 * Milliseconds before the n-th repetition: doubling from one second up to 30, each spread by up to half so that many mirrors do not return at once.
 * @param repetition 1 for the first
 * @param random from 0 to 1
 */
export const backoff = (repetition: number, random: number): number => Math.min(30_000, 1000 * 2 ** (repetition - 1)) * (0.5 + random / 2)
