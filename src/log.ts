// The log: JSON lines through pino. It decides how an error looks. Each source folder decides what it logs.
import { type DestinationStream, type Logger, pino } from 'pino'

interface LoggedError {
  type: string
  message: string
  stack?: string | undefined
  code?: string
  cause?: LoggedError
}

/** Keeps only what identifies the fault. Drivers add query parameters, and Node adds bytes of a request. */
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
