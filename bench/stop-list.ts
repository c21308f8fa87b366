// Everything that the benchmark has started. It stops at the end, after an error, on Ctrl-C, and when the time
// is over.

type Stop = () => unknown

const stops: Stop[] = []

/** Registers what `stopEverything` calls, the newest first. */
export const stopLater = (stop: Stop): void => {
  stops.push(stop)
}

export const stopEverything = async (): Promise<void> => {
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop())
    try {
      await stop()
    } catch (error) {
      console.error(error instanceof Error ? error.message : error)
    }
}

/** Runs the benchmark and stops what it started, however it ends. */
export const runAndStop = async (minutes: number, run: () => Promise<void>): Promise<void> => {
  const abort = (reason: string, code: number) => {
    console.error(`\n${reason} Stopping everything.`)
    void stopEverything().finally(() => process.exit(code))
  }
  process.once('SIGINT', () => abort('Interrupted.', 130))
  process.once('SIGTERM', () => abort('Interrupted.', 143))
  const timer = setTimeout(
    () => abort(`The benchmark took more than ${minutes} minutes.`, 1),
    minutes * 60_000,
  )
  try {
    await run()
  } finally {
    clearTimeout(timer)
    await stopEverything()
  }
}
