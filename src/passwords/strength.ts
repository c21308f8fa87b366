// How much of a password somebody has to guess who tries known words, keyboard walks, dates and repeats first.
// Owns the estimate. Knows no list: the words and what each is worth are given.

/** How many unpredictable characters a known word counts for; undefined for an unknown one. It is asked for words in the
    form that `squash` gives. */
export type WordStrength = (word: string) => number | undefined

/** Anything worth this many unpredictable characters is not guessed first. */
export const enoughStrength = 8

const longestWord = 64

/** A unit below this is a password that was too short, written more than once. */
const shortUnit = 15

/** Compatibility forms, case and separators carry no surprise: `Tele-Phone` and `telephone` are one guess. */
export const squash = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\-_.,'’/]+/gu, '')

const mapped = (text: string, from: string, to: string): string =>
  Array.from(text, (character) => to[from.indexOf(character)] ?? character).join('')

/** Substitutions that guessers undo first; `1` and `!` stand for i or for l. */
const undoLeet = (text: string): string => mapped(text, '013457@$!+', 'oieastasit')
const undoLeetToL = (text: string): string => mapped(text, '013457@$!+', 'oleastaslt')
const undoShift = (text: string): string => mapped(text, '!@#$%^&*()+{}|:"<>?~', "1234567890=[]\\;',./`")

const keyRows = [
  { keys: '`1234567890-=', left: -1 },
  { keys: 'qwertyuiop[]\\', left: 0.5 },
  { keys: "asdfghjkl;'", left: 0.75 },
  { keys: 'zxcvbnm,./', left: 1.25 },
]

const keyPlaces = new Map(
  keyRows.flatMap(({ keys, left }, y) => Array.from(keys, (key, x) => [key, { x: left + x, y }] as const)),
)

/** The same key, a neighbouring one, or the next of the alphabet or of the digits. */
const isStep = (a: string, b: string): boolean => {
  if (/^[a-z0-9]{2}$/.test(a + b) && Math.abs(a.charCodeAt(0) - b.charCodeAt(0)) <= 1) return true
  const [from, to] = [keyPlaces.get(a), keyPlaces.get(b)]
  return a === b || (!!from && !!to && Math.abs(from.x - to.x) <= 1 && Math.abs(from.y - to.y) <= 1)
}

/** The shortest unit that the text repeats, the last time perhaps in part; the text itself if it repeats none. */
const repeatedUnit = (text: string): string => {
  for (let unit = 1; unit * 2 <= text.length; unit += 1)
    if (text.startsWith(text.slice(unit))) return text.slice(0, unit)
  return text
}

/** The cheapest way to put the text together from known pieces and single characters. */
const cheapest = (text: string, wordWorth: WordStrength): number => {
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
        const worth = wordWorth(reading.slice(start, end))
        if (worth !== undefined) reach(end, cost + worth)
      }
    // A walk of three keys or more is one guess, a little dearer than a character.
    for (
      let end = start + 2;
      end <= text.length && isStep(keys[end - 2] ?? '', keys[end - 1] ?? '');
      end += 1
    )
      if (end - start >= 3) reach(end, cost + 2)
    // Two digits carry about as much as one character, a year no more than that.
    if (/^\d\d$/.test(text.slice(start, start + 2))) reach(start + 2, cost + 1)
    if (/^(?:19|20)\d\d$/.test(text.slice(start, start + 4))) reach(start + 4, cost + 1)
    // What was there before.
    for (let end = start + 3; end <= text.length; end += 1) {
      if (!text.slice(0, start).includes(text.slice(start, end))) break
      reach(end, cost + 1)
    }
  }
  return costs[text.length] ?? 0
}

/** In unpredictable characters; 0 for a short unit repeated. Exact below `enoughWorth` only. A very long password is
    judged by its first stretch that is enough, or by its best one: that bounds the work. */
export const passwordStrength = (password: string, wordWorth: WordStrength): number => {
  const text = squash(password)
  const unit = repeatedUnit(text)
  if (unit !== text && unit.length < shortUnit) return 0
  let best = 0
  for (let start = 0; start < unit.length && best < enoughStrength; start += 128)
    best = Math.max(best, cheapest(unit.slice(start, start + 128), wordWorth))
  return best
}
