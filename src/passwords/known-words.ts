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

export const weakWords = (): string[] => lines('./weak-words.txt').flatMap((line) => line.split(' '))

/** The most frequent one first. */
export const frequentPasswords = async (): Promise<string[]> =>
  (await import('@zxcvbn-ts/language-common')).dictionary['passwords-common']

const readKnownWords = async (): Promise<WordStrength> => {
  const common = new Set(
    [...weakWords(), ...lines('./common-passwords.txt')]
      .flatMap((word) => [squash(word), dubeolsikKeys(squash(word))])
      .filter((word) => word.length > strengthOfCommonWord),
  )
  const listed = new Set(
    (await frequentPasswords())
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
