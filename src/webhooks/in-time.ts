// Senders of webhooks wait three seconds and count what comes later as a failure.

/** What the work came to, or 'late' after two seconds; the work goes on, and nobody hears of its failure then. */
export const withTimeout = async <Result>(work: Promise<Result>): Promise<Result | 'late'> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), 2000)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => {})
  }
}
