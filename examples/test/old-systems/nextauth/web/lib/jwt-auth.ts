import { SignJWT } from 'jose'
import type { Person } from './db'

const secret = () => new TextEncoder().encode(process.env.JWT_SECRET)

/** Tokens that every service of the company can verify, because all of them know the secret. */
export const JWTAuth = {
  create: ({ id, email, name, role }: Person) =>
    new SignJWT({ id, email, name, role })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt()
      .setExpirationTime('7d')
      .sign(secret()),
}
