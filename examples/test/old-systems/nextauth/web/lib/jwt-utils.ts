import type { NextRequest } from 'next/server'
import { getToken } from 'next-auth/jwt'

export async function getServerJwtToken(req: NextRequest): Promise<string | null> {
  const secureCookie = req.nextUrl.protocol === 'https:'
  const session = await getToken({ req, secret: process.env.AUTH_SECRET, secureCookie })
  return (session?.apiToken as string | undefined) ?? null
}
