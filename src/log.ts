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

/** Lines wait at most this long for others. */
const flushEveryMs = 100

/** A line of the level `warn` (40), `error` or `fatal`. */
const isUrgent = /^\{"level":[456]0/

/** Lines of this many bytes together do not wait. */
const fullBatchBytes = 8192

/**
 * Writes many lines to standard output with one system call. Warnings and errors do not wait. No line is lost
 * when the process ends.
 */
const batchedStdout = (): DestinationStream => {
  const stdout = pino.destination({ fd: 1, minLength: fullBatchBytes })
  setInterval(() => stdout.flush(), flushEveryMs).unref()
  // Also after an uncaught error. Only SIGKILL loses lines, at most those of one interval.
  process.on('exit', () => {
    try {
      stdout.flushSync()
    } catch {
      // Nobody reads the output any more.
    }
  })
  return {
    write: (line) => {
      stdout.write(line)
      if (isUrgent.test(line)) stdout.flush()
    },
  }
}

/** Writes to standard output by default. */
export const openLog = (level: string, to: DestinationStream = batchedStdout()): Logger =>
  pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: errorForLog } }, to)
