// The words that guessers try first, and what each of them is worth. The lists of this folder are written by
// hand. The package @zxcvbn-ts/language-common adds 49,000 passwords that people chose often.
import { readFileSync } from 'node:fs'
import { dubeolsikKeys } from './korean-keyboard.ts'
import { squash, type WordStrength } from './strength.ts'

/** More than 0, so that four unrelated common words are a valid passphrase. */
export const strengthOfCommonWord = 2

/** The package ranks down to rare passwords. With 3, three of them in a row are a valid passphrase. */
const strengthOfListedPassword = 3

const lines = (file: string): string[] =>
  readFileSync(new URL(file, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

const readKnownWords = async (): Promise<WordStrength> => {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  const common = new Set(
    [...lines('./weak-words.txt').flatMap((line) => line.split(' ')), ...lines('./common-passwords.txt')]
      .flatMap((word) => [squash(word), dubeolsikKeys(squash(word))])
      .filter((word) => word.length > strengthOfCommonWord),
  )
  const listed = new Set(
    dictionary['passwords-common']
      .map((password) => squash(password))
      .filter((password) => password.length > strengthOfListedPassword),
  )
  return (word) => {
    if (common.has(word)) return strengthOfCommonWord
    return listed.has(word) ? strengthOfListedPassword : undefined
  }
}

let words: Promise<WordStrength> | undefined

/** Read at the first new password, because it takes 100 ms and 5 MB that a start does not need. */
export const knownWords = (): Promise<WordStrength> => {
  words ??= readKnownWords()
  return words
}
