// A job that a process repeats in the background. At most one run is active in a process.

export interface BackgroundWork {
  /** Starts a run, or waits for the run that is already active. */
  tick(): Promise<void>
  /** Waits for the current item. No further run starts. */
  stop(): Promise<void>
}

/** @param work checks `isStopping` before each item */
export const createBackgroundWork = (work: (isStopping: () => boolean) => Promise<void>): BackgroundWork => {
  let stopping = false
  let running: Promise<void> | undefined
  return {
    tick: () => {
      running ??= work(() => stopping).finally(() => {
        running = undefined
      })
      return running
    },
    stop: async () => {
      stopping = true
      await running?.catch(() => {})
    },
  }
}
