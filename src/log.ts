// Opens the log: JSON lines, written by pino. This file decides how an error looks in the log.
import { type DestinationStream, type Logger, pino } from 'pino'

interface LoggedError {
  type: string
  message: string
  stack?: string | undefined
  code?: string
  cause?: LoggedError
}

/** Copies only safe members. Database drivers add query parameters to errors, and Node adds request bytes. */
export const errorForLog = (error: unknown): LoggedError => {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error' }
  const { code } = error as { code?: unknown }
  return {
    type: error.name === 'Error' ? error.constructor.name : error.name,
    message: error.message,
    stack: error.stack,
    ...(typeof code === 'string' && { code }),
    ...(error.cause instanceof Error && { cause: errorForLog(error.cause) }),
  }
}

export type { DestinationStream as LogDestination, Logger as Log }

/** Writes to standard output by default. */
export const openLog = (level: string, to: DestinationStream = pino.destination(1)): Logger =>
  pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: errorForLog } }, to)
