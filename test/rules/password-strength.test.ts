// How hard a text is to guess, in unpredictable characters. A known word has the strength 1 here.
import { describe, expect, test } from 'vitest'
import { passwordStrength } from '../../src/passwords/strength.ts'

const strengthOf = (password: string) =>
  passwordStrength(password, (word) => (['lamp', 'otter'].includes(word) ? 1 : undefined))

test.each([
  ['unrelated characters count one each', 'kx7m2qhw', 8],
  ['a known word counts as its strength', 'kxlampm', 4],
  ['spaces, case and the usual substitutions of a known word do not count', 'L-4 m.P', 1],
  ['a walk over neighbouring keys counts two', 'zaqwsxcderfvbgt', 2],
  ['a walk with shifted keys counts two', 'ZAQ!qaz', 2],
  ['a sequence of letters or digits counts two', 'mnopqrstuvk', 3],
  ['a sequence backwards counts two', 'xfedcbax', 4],
  ['one key that is held down counts two', 'q€€€€€€€€w', 4],
  ['two neighbouring keys are no walk', 'kqwk', 4],
  ['keys with a row between them are no walk', 'qzwxecrv', 8],
  ['keys far apart in one row are no walk', 'qpgwkd', 6],
  ['characters of other alphabets are no sequence', '가각갂갃간갅갆갇', 8],
  ['two digits count one', 'k83x', 3],
  ['a year counts one', 'k1987x', 3],
  ['a repeat of an earlier part counts one', 'kx7m2qkx7m2', 7],
])('%s (F3)', (_, password, strength) => {
  expect(strengthOf(password)).toBe(strength)
})

describe('a text that is repeated', () => {
  test('a password that only repeats a short text has the strength 0, also with a partial last repeat (F3)', () => {
    expect(strengthOf('kx7m2qhw4tkx7m2qhw4t')).toBe(0)
    expect(strengthOf('kx7m2qhw4tkx7m2qhw4tkx7')).toBe(0)
  })

  test('a password that repeats a long text is as strong as the text (F3)', () => {
    const text = 'kx7m2qhw4tbz8cyp'
    expect(strengthOf(text.repeat(2))).toBe(strengthOf(text))
    expect(strengthOf(text)).toBeGreaterThanOrEqual(8)
  })

  test('the strongest part of a very long password counts (F3)', () => {
    expect(strengthOf(`${'lamp'.repeat(40)}kx7m2qhw`)).toBeGreaterThanOrEqual(8)
  })
})
