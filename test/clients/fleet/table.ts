// The tables of docs/stock-clients.md, from the results of a run.

import { clients, type StockClient } from './clients.ts'
import type { ClientResult, VerifierResult } from './journey.ts'
import { programs, versionOf } from './programs.ts'
import { type StockVerifier, verifiers } from './verifiers.ts'

const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`
const table = (head: string[], rows: string[]): string =>
  [row(...head), row(...head.map(() => '---')), ...rows].join('\n')

const versions = ({ program, packages }: StockClient | StockVerifier): string =>
  packages.map((name) => versionOf(program, name)).join(', ')

const languageOf = ({ program }: StockClient | StockVerifier): string => programs[program].language

/** The cells that do not depend on a run. The fast test of the page compares them. */
export const listed = (library: StockClient | StockVerifier): string =>
  `| ${library.name} | ${versions(library)} | ${languageOf(library)}`

const clientRow = (client: StockClient, { signsIn, refreshes, ...after }: ClientResult): string =>
  row(
    `${client.name} | ${versions(client)} | ${languageOf(client)}`,
    client.needs ?? '',
    signsIn,
    client.refreshes === false ? 'has none' : refreshes,
    after.afterRotation,
    after.afterEmergency,
  )

export const clientTable = (results: ReadonlyMap<string, ClientResult>): string =>
  table(
    [
      'library',
      'version',
      'language',
      'needs',
      'signs in',
      'refreshes',
      'after a rotation',
      'after a revoked key',
    ],
    clients.flatMap((client) => {
      const result = results.get(client.name)
      return result ? [clientRow(client, result)] : []
    }),
  )

const sentence = (words: string, names: readonly string[]): string[] =>
  names.length > 0 ? [`${words} ${names.join(', ')}`] : []

const verdictCell = ({ accepts, refuses }: { accepts: string[]; refuses: string[] }): string =>
  [...sentence('refuses', refuses), ...sentence('accepts', accepts)].join('; ') || 'right'

const newKeyCell = ({ keyFiles, nextKeySeconds }: StockVerifier): string => {
  if (keyFiles) return 'with its file'
  return nextKeySeconds === 0 ? 'at once' : `within ${nextKeySeconds} s`
}

const revokedCell = ({ cache, polls }: StockVerifier, { revokedKey }: VerifierResult): string => {
  if (revokedKey === 'refused') return 'refused at once'
  return revokedKey === 'cached' || polls ? cache : `until a token of the next key comes, or ${cache}`
}

const verifierRow = (verifier: StockVerifier, result: VerifierResult): string =>
  row(
    `${verifier.name} | ${versions(verifier)} | ${languageOf(verifier)}`,
    result.quickStart ? verdictCell(result.quickStart) : 'none',
    verdictCell(result),
    result.rotation,
    newKeyCell(verifier),
    revokedCell(verifier, result),
  )

export const verifierTable = (results: ReadonlyMap<string, VerifierResult>): string =>
  table(
    [
      'library',
      'version',
      'language',
      'as in its quick start',
      'with the lines below',
      'lives through a rotation',
      'accepts a new key',
      'accepts a revoked key',
    ],
    verifiers.flatMap((verifier) => {
      const result = results.get(verifier.name)
      return result ? [verifierRow(verifier, result)] : []
    }),
  )
