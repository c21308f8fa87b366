// Limits how long a caller waits for work.

/**
 * The result of `work`, or 'late' after `limitMs` milliseconds. A failure of late work is ignored.
 * @throws the error of the work, if the work fails in time
 */
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
