// Estimates the strength of a password against an attacker who tries words, keyboard walks, dates and repeats
// first. The unit is one unpredictable character. policy.ts provides the known words and their strength.

/** The strength of a known word in the form of `squash`. Undefined for an unknown word. */
export type WordStrength = (word: string) => number | undefined

/** A password of this strength is not among the first guesses. */
export const enoughStrength = 8

const longestWord = 64

/** A password that repeats a text shorter than this has the strength 0. */
const shortUnit = 15

/** Removes what guessers ignore: `Tele-Phone` and `telephone` are one guess. */
export const squash = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\-_.,'’/]+/gu, '')

const mapCharacters = (text: string, from: string, to: string): string =>
  Array.from(text, (character) => to[from.indexOf(character)] ?? character).join('')

/** Undoes the usual substitutions of letters. `1` and `!` can mean i or l, so there are two functions. */
const undoLeet = (text: string): string => mapCharacters(text, '013457@$!+', 'oieastasit')
const undoLeetToL = (text: string): string => mapCharacters(text, '013457@$!+', 'oleastaslt')

/** Replaces each shifted character by the character of the same key, on a US keyboard. */
const undoShift = (text: string): string =>
  mapCharacters(text, '!@#$%^&*()+{}|:"<>?~', "1234567890=[]\\;',./`")

const keyRows = [
  { keys: '`1234567890-=', left: -1 },
  { keys: 'qwertyuiop[]\\', left: 0.5 },
  { keys: "asdfghjkl;'", left: 0.75 },
  { keys: 'zxcvbnm,./', left: 1.25 },
]

const keyPlaces = new Map(
  keyRows.flatMap(({ keys, left }, y) => Array.from(keys, (key, x) => [key, { x: left + x, y }] as const)),
)

/** Whether `b` is the same key as `a`, a neighbouring key, or the next or previous letter or digit. */
const isStep = (a: string, b: string): boolean => {
  if (/^[a-z0-9]{2}$/.test(a + b) && Math.abs(a.charCodeAt(0) - b.charCodeAt(0)) <= 1) return true
  const [from, to] = [keyPlaces.get(a), keyPlaces.get(b)]
  return a === b || (!!from && !!to && Math.abs(from.x - to.x) <= 1 && Math.abs(from.y - to.y) <= 1)
}

/** The shortest text that the password repeats, or the password itself. The last repeat may be partial. */
const repeatedUnit = (text: string): string => {
  for (let unit = 1; unit * 2 <= text.length; unit += 1)
    if (text.startsWith(text.slice(unit))) return text.slice(0, unit)
  return text
}

/**
 * The lowest cost to build the text from known pieces and single characters.
 * `costs[end]` is the lowest cost of the text before `end`.
 */
const lowestCost = (text: string, wordStrength: WordStrength): number => {
  const readings = [text, undoLeet(text), undoLeetToL(text)]
  const keys = undoShift(text)
  const costs: number[] = [0]
  const reach = (end: number, cost: number) => {
    costs[end] = Math.min(costs[end] ?? cost, cost)
  }
  for (let start = 0; start < text.length; start += 1) {
    const cost = costs[start] ?? 0
    reach(start + 1, cost + 1)
    for (const reading of readings)
      for (let end = start + 2; end <= Math.min(text.length, start + longestWord); end += 1) {
        const strength = wordStrength(reading.slice(start, end))
        if (strength !== undefined) reach(end, cost + strength)
      }
    // A walk over three or more keys costs 2.
    for (
      let end = start + 2;
      end <= text.length && isStep(keys[end - 2] ?? '', keys[end - 1] ?? '');
      end += 1
    )
      if (end - start >= 3) reach(end, cost + 2)
    // Two digits cost 1, and a year costs 1.
    if (/^\d\d$/.test(text.slice(start, start + 2))) reach(start + 2, cost + 1)
    if (/^(?:19|20)\d\d$/.test(text.slice(start, start + 4))) reach(start + 4, cost + 1)
    // A repeat of an earlier part costs 1.
    for (let end = start + 3; end <= text.length; end += 1) {
      if (!text.slice(0, start).includes(text.slice(start, end))) break
      reach(end, cost + 1)
    }
  }
  return costs[text.length] ?? 0
}

/**
 * The strength in unpredictable characters; 0 if a short text is repeated. Exact only below `enoughStrength`.
 * A long password is measured in parts of 128 characters, to bound the work. The strongest part counts.
 */
export const passwordStrength = (password: string, wordStrength: WordStrength): number => {
  const text = squash(password)
  const unit = repeatedUnit(text)
  if (unit !== text && unit.length < shortUnit) return 0
  let best = 0
  for (let start = 0; start < unit.length && best < enoughStrength; start += 128)
    best = Math.max(best, lowestCost(unit.slice(start, start + 128), wordStrength))
  return best
}
