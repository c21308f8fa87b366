import PostgresAdapter from '@auth/pg-adapter'
import NextAuth from 'next-auth'
import Credentials from 'next-auth/providers/credentials'
import Google from 'next-auth/providers/google'
import Kakao from 'next-auth/providers/kakao'
import { checkPassword, isActive, type Person, pool } from '@/lib/db'
import { JWTAuth } from '@/lib/jwt-auth'

// Only the addresses of the providers differ from a real application.
const { KAKAO_ORIGIN = 'https://kauth.kakao.com', GOOGLE_ORIGIN = 'https://accounts.google.com' } =
  process.env

export const { handlers, auth, signIn, signOut } = NextAuth({
  trustHost: true,
  adapter: PostgresAdapter(pool),
  session: { strategy: 'jwt' },
  providers: [
    Kakao({
      // Without a scope Kakao also sends an ID token if OpenID Connect is on, and this provider refuses it.
      authorization: `${KAKAO_ORIGIN}/oauth/authorize?scope=profile_nickname,account_email`,
      token: `${KAKAO_ORIGIN}/oauth/token`,
      userinfo: `${KAKAO_ORIGIN}/v2/user/me`,
    }),
    Google({
      authorization: `${GOOGLE_ORIGIN}/o/oauth2/v2/auth?scope=openid+profile+email`,
      token: `${GOOGLE_ORIGIN}/token`,
      userinfo: `${GOOGLE_ORIGIN}/v1/userinfo`,
    }),
    Credentials({
      credentials: { email: {}, password: { type: 'password' } },
      authorize: ({ email, password }) => checkPassword(email, password),
    }),
  ],
  callbacks: {
    signIn: ({ user }) => isActive(user.id),
    jwt: async ({ token, user }) =>
      user ? { ...token, apiToken: await JWTAuth.create({ ...user, id: String(user.id) } as Person) } : token,
    session: ({ session, token }) => ({ ...session, user: { ...session.user, id: token.sub } }),
  },
})
