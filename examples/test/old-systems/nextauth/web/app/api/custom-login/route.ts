import { checkPassword } from '@/lib/db'
import { JWTAuth } from '@/lib/jwt-auth'

/** The mobile app signs in here. */
export async function POST(request: Request) {
  const { email, password } = await request.json()
  const person = await checkPassword(email, password)
  if (!person) return Response.json({ error: 'Unauthorized' }, { status: 401 })
  return Response.json({ token: await JWTAuth.create(person) })
}
