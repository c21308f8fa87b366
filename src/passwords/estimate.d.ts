// The types of estimate.js, which the browser runs too.
import type { ZxcvbnFactory } from '@zxcvbn-ts/core'

export type StrengthReason = 'keyboard' | 'repeat' | 'sequence' | 'date' | 'common' | 'names' | 'short'

export interface Strength {
  /** From 0, very easy to guess, to 4. */
  level: 0 | 1 | 2 | 3 | 4
  /** For the levels 0 to 2. */
  reason?: StrengthReason
}

export interface EstimateWords {
  dictionary: Record<string, string[]>
  graphs: Record<string, Record<string, (string | null)[]>>
}

export type Estimate = (password: string, names: readonly string[]) => Strength

export function createEstimate(factory: typeof ZxcvbnFactory, words: EstimateWords): Estimate
