// Which texts may be the name of a user. The pages, the API, the commands and the providers share this rule.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nameOf } from '../../src/login/upstream/person-facts.ts'
import { isDisplayName, isUsername } from '../../src/users/user.ts'

const invisible: readonly [string, string][] = [
  ['nothing', ''],
  ['spaces', ' \u00a0\u2003\u3000'],
  ['zero-width spaces', '\u200b\u200b'],
  ['a zero-width joiner', '\u200d'],
  ['a zero-width non-joiner', '\u200c'],
  ['a word joiner', '\u2060'],
  ['a byte order mark between spaces', ' \ufeff '],
  ['soft hyphens', '\u00ad\u00ad'],
  ['a Hangul filler', '\u3164'],
  ['Hangul fillers of syllables', '\u115f\u1160'],
  ['a halfwidth Hangul filler', '\uffa0'],
  ['variation selectors', '\ufe0f\u{e0100}'],
  ['a Mongolian vowel separator', '\u180e'],
  ['an empty Braille pattern', '\u2800'],
  ['tags', '\u{e0041}\u{e007f}'],
  ['accents without a letter', '\u0301\u20e3'],
  ['an empty note head', '\u{1d159}'],
  ['a blank hieroglyph', '\u{13441}'],
  ['private use', '\ue000'],
]

describe('a text without a visible character', () => {
  test.each(invisible)('refuses %s as a name, and takes no such name from a provider', (_, text) => {
    expect(isDisplayName(text)).toBe(false)
    expect(isDisplayName(`${text}\u200b${text}`)).toBe(false)
    expect(nameOf(text)).toBeUndefined()
  })
})

test.each([
  ['left-to-right and right-to-left marks', '\u200e\u200f\u061c'],
  ['an override of the direction', '\u202e'],
  ['an isolate', '\u2067'],
  ['deprecated format characters', '\u206a\u206f'],
  ['line separators', '\u2028\u2029'],
  ['control characters', '\u0000\u0009\u000a\u001b\u0085'],
  ['half of a character', '\ud83d'],
])('%s cannot stand inside a name', (_, characters) => {
  for (const character of characters) {
    expect(isDisplayName(character), JSON.stringify(character)).toBe(false)
    expect(isDisplayName(`Jane${character}Kim`), JSON.stringify(character)).toBe(false)
  }
})

test.each([
  ['Korean', '홍길동'],
  ['Korean of the 15th century, with a filler', '\u1102\u1160\u11ab훈민'],
  ['Persian with a zero-width non-joiner', 'علی\u200cرضا'],
  ['Devanagari with a joiner', 'क्\u200dष'],
  ['a family emoji with joiners', '👨\u200d👩\u200d👧\u200d👦'],
  ['a heart with a variation selector', '❤\ufe0f'],
  ['a flag of tags', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
  ['a keycap', '1\ufe0f\u20e3'],
  ['one letter', 'X'],
  ['100 emoji', '🙂'.repeat(100)],
])('%s is a name, also from a provider', (_, name) => {
  expect(isDisplayName(name)).toBe(true)
  expect(nameOf(name)).toBe(name)
})

test('a name has at most 100 characters', () => {
  expect(isDisplayName('가'.repeat(100))).toBe(true)
  expect(isDisplayName('가'.repeat(101))).toBe(false)
})

test('each name that is taken from a provider is a name that the account page accepts', () => {
  const pieces = fc.constantFrom(
    '\u202e',
    '\u200b',
    '\n',
    ' ',
    '\u2028',
    'e\u0301',
    '\u0958',
    '🙂',
    '\ud83d',
    'ab',
  )
  const given = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 200 }).map((all) => all.join('')),
  )
  fc.assert(
    fc.property(given, (text) => {
      const name = nameOf(text)
      expect(name === undefined || (isDisplayName(name) && name === name.normalize('NFC').trim())).toBe(true)
    }),
  )
})

test.each(['jane\u3164', '\u3164\u3164', 'jane\uffa0', '\u115fjane', 'jane\u200b', 'ja\u00adne'])(
  '%j is not a username, because it would look like another one',
  (username) => {
    expect(isUsername(username)).toBe(false)
  },
)
