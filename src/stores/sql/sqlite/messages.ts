// The messages between the server's thread and the thread that writes.
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite'

export interface Statement {
  sql: string
  parameters: readonly SQLInputValue[]
}

/** The steps of one message run in their order. */
export type Step =
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'savepoint'
  | 'release savepoint'
  | 'rollback savepoint'
  | Statement

/** Each row has one value for each column. */
export interface Rows {
  columns: readonly string[]
  rows: readonly (readonly SQLOutputValue[])[]
  changes: number
}

export interface Failure {
  message: string
  /** SQLite's extended result code. 0 if SQLite did not answer. */
  code: number
  /** False if SQLite rolled the whole transaction back, as it does when the disk is full. */
  isTransactionOpen: boolean
}

export type StepResult = { outcome: 'done'; result: Rows } | { outcome: 'failed'; failure: Failure }

export interface Request {
  id: number
  steps: readonly Step[]
}

export interface Answer {
  id: number
  results: StepResult[]
}
