/** The pages that need a sign-in. `proxy.ts` protects everything below these paths. */
export const privatePages = ['/chat', '/orders'] as const

export const isPrivate = (path: string): boolean =>
  privatePages.some((page) => path === page || path.startsWith(`${page}/`))

/** The page to show after the sign-in. A list and not a pattern, so that no link leads to another site. */
export const pageAfterSignIn = (wanted: unknown): string =>
  privatePages.find((page) => page === wanted) ?? privatePages[0]
