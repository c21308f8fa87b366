// Next.js calls this before each page. Before version 16 the file was called middleware.ts.
import { type NextRequest, NextResponse } from 'next/server'
import { isPrivate } from '@/server/pages'
import { readSession } from '@/server/session'
import { settings } from '@/server/settings'

const policy = (nonce: string): string => {
  const isDevelopment = process.env.NODE_ENV === 'development'
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ''}`,
    `style-src 'self' ${isDevelopment ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    // Sign-in and logout are forms that lead to the issuer. Chromium applies this line to redirects too.
    `form-action 'self' ${settings().issuer}`,
  ].join('; ')
}

/** Adds the security headers, and redirects to the start page if a page needs a sign-in. */
export const proxy = async (request: NextRequest) => {
  const { pathname } = request.nextUrl
  if (isPrivate(pathname) && (await readSession(request)) === undefined) {
    const start = new URL('/', settings().site)
    start.searchParams.set('next', pathname)
    return NextResponse.redirect(start, { headers: { 'cache-control': 'no-store' } })
  }
  const headers = new Headers(request.headers)
  // Next.js reads the nonce from this header and puts it into its scripts.
  const contentSecurityPolicy = policy(Buffer.from(crypto.randomUUID()).toString('base64'))
  headers.set('content-security-policy', contentSecurityPolicy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', contentSecurityPolicy)
  return response
}

export const config = {
  // Not /api, because Next.js keeps a copy of each body that passes through here. An upload must stream.
  // forward.ts checks the session itself.
  matcher: '/((?!api/|logout|_next/|icon.svg).*)',
}
