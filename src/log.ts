// The log: JSON lines through pino. Owns how an error looks in it; what is said, and when, is up to each room.
import { type DestinationStream, type Logger, pino } from 'pino'

interface LoggedError {
  type: string
  message: string
  stack?: string | undefined
  code?: string
  cause?: LoggedError
}

/** Only what names the fault: drivers hang queries with their parameters on errors, and Node the bytes of a request. */
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

/** To standard output unless told otherwise. */
export const openLog = (level: string, to: DestinationStream = pino.destination(1)): Logger =>
  pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: errorForLog } }, to)
