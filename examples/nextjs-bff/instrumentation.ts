import { settings } from '@/server/settings'

/** Next.js calls this when the server starts. If a setting is missing, it prints so and answers only errors. */
export const register = () => {
  if (process.env.NEXT_RUNTIME === 'nodejs') settings()
}
