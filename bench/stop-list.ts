// Everything that the benchmark has started. It stops at the end, after an error, on Ctrl-C, and when the
// time is over.

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
  let aborting = false
  const abort = (reason: string, code: number) => {
    if (aborting) return
    aborting = true
    console.error(`\n${reason} Stopping everything.`)
    void stopEverything().finally(() => process.exit(code))
  }
  process.on('SIGINT', () => abort('Interrupted.', 130))
  process.on('SIGTERM', () => abort('Interrupted.', 143))
  const timer = setTimeout(
    () => abort(`The benchmark took more than ${minutes} minutes.`, 1),
    minutes * 60_000,
  )
  try {
    await run()
  } catch (error) {
    // The requests fail because their servers stop. `abort` ends the process.
    if (!aborting) throw error
    await new Promise(() => {})
  } finally {
    clearTimeout(timer)
    await stopEverything()
  }
}
