import { auth } from '@/auth'
import { getServerJwtToken } from '@/lib/jwt-utils'

const services: Record<string, string | undefined> = {
  orders: process.env.ORDERS_URL,
  notes: process.env.NOTES_URL,
  files: process.env.FILES_URL,
}

/** Calls a service for the browser. */
export const GET = auth(async (req, { params }) => {
  if (!req.auth) return Response.json({ error: 'Unauthorized' }, { status: 401 })
  const { service, path } = (await params) as { service: string; path: string[] }
  const token = await getServerJwtToken(req)
  if (!token) return Response.json({ error: 'Unauthorized' }, { status: 401 })
  const response = await fetch(`${services[service]}/${path.join('/')}`, {
    headers: { Authorization: `Bearer ${token}` },
  })
  return Response.json(await response.json(), { status: response.status })
})
