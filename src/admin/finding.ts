/** One result of `dojang doctor`. */
export interface Finding {
  check: string
  status: 'ok' | 'note' | 'warning' | 'fault'
  message: string
  /** What to do next. */
  advice?: string
}

export const errorMessage = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** A part that does not answer is a finding, so that the other parts are still checked. */
export const findingsOf = async (check: string, examine: () => Promise<Finding[]>): Promise<Finding[]> => {
  try {
    return await examine()
  } catch (error) {
    const advice = 'Check that it runs and that its URL is correct.'
    return [{ check, status: 'fault', message: errorMessage(error), advice }]
  }
}
