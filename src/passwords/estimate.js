// Estimates how hard a password is to guess, for the feedback beside its field. The server and the browser
// run this file, so both give the same feedback. It decides nothing: policy.ts does.

/** The powers of ten of guesses where the levels 1 to 4 begin. policy.ts usually accepts 3 and 4. */
const levelsBegin = [4, 7, 11, 14]

/** The reasons of zxcvbn, in the groups for which the pages have sentences. */
const reasons = {
  straightRow: 'keyboard',
  keyPattern: 'keyboard',
  simpleRepeat: 'repeat',
  extendedRepeat: 'repeat',
  sequences: 'sequence',
  recentYears: 'date',
  dates: 'date',
  topTen: 'common',
  topHundred: 'common',
  common: 'common',
  wordByItself: 'common',
  similarToCommon: 'common',
}

/** The parts of the names, the longest first. Of an e-mail address only the part before the @ counts. */
const partsOf = (names) =>
  names
    .map((name) => name.slice(0, 256).replace(/@.*$/s, '').toLowerCase())
    .flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)])
    .filter((part) => part.length > 2)
    .sort((a, b) => b.length - a.length)

/** Builds the estimate from the class of zxcvbn and the words that guessers know. */
export const createEstimate = (ZxcvbnFactory, { dictionary, graphs }) => {
  // The limits bound the work for a password that was made to take long.
  const zxcvbn = new ZxcvbnFactory({ dictionary, graphs, maxLength: 40, l33tMaxSubstitutions: 10 })
  return (password, names) => {
    const lowerCase = password.toLowerCase()
    const rest = partsOf(names).reduce((text, part) => text.replaceAll(part, ''), lowerCase)
    const hasNames = rest !== lowerCase
    const { guessesLog10, feedback } = zxcvbn.check(hasNames ? rest : password)
    const level = levelsBegin.filter((begin) => guessesLog10 >= begin).length
    if (level > 2) return { level }
    return { level, reason: hasNames ? 'names' : (reasons[feedback.warning] ?? 'short') }
  }
}
