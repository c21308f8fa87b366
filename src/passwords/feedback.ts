// The feedback on a new password for the pages. The browser gets the same words and code (estimate.js).
import { readFileSync } from 'node:fs'
import { createEstimate, type Estimate, type EstimateWords, type Strength } from './estimate.js'
import { frequentPasswords, weakWords } from './known-words.ts'
import { dubeolsikKeys } from './korean-keyboard.ts'

/** The browser downloads these: 40 KB compressed. The policy knows all of them. */
const downloadedPasswords = 10_000

export const estimateWords = async (): Promise<EstimateWords> => {
  const { adjacencyGraphs } = await import('@zxcvbn-ts/language-common')
  const { qwerty, keypad } = adjacencyGraphs
  const words = weakWords().flatMap((word) => [word.toLowerCase(), dubeolsikKeys(word.toLowerCase())])
  return {
    graphs: { qwerty, keypad },
    dictionary: {
      words: [...new Set(words)],
      passwords: (await frequentPasswords()).slice(0, downloadedPasswords),
    },
  }
}

const readEstimate = async (): Promise<Estimate> => {
  const { ZxcvbnFactory } = await import('@zxcvbn-ts/core')
  return createEstimate(ZxcvbnFactory, await estimateWords())
}

let estimate: Promise<Estimate> | undefined

/** @param names the names of the user and of the service, which a good password does not contain */
export const passwordStrengthFeedback = async (
  password: string,
  names: readonly string[],
): Promise<Strength> => {
  estimate ??= readEstimate()
  return (await estimate)(password, names)
}

const textOf = (url: URL): string => readFileSync(url, 'utf8')

/** The code for the browser, which defines `estimate(password, names)`. */
export const estimateScript = async (): Promise<string> => {
  const entry = import.meta.resolve('@zxcvbn-ts/core')
  const library = textOf(new URL('./zxcvbn-ts.js', entry)).replace(/^\/\/# sourceMappingURL=.*$/m, '')
  const ownCode = textOf(new URL('./estimate.js', import.meta.url)).replace('export const', 'const')
  const words = JSON.stringify(await estimateWords())
  return `${library}\n${ownCode}\nconst estimate = createEstimate(zxcvbnts.core.ZxcvbnFactory, ${words})\n`
}
