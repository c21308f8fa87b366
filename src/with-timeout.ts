// Waits for work, but not longer than a limit.

/** The result, or 'late' after `limitMs`. The work continues after that, and its failure is ignored. */
export const withTimeout = async <Result>(
  work: Promise<Result>,
  limitMs: number,
): Promise<Result | 'late'> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => {})
  }
}
