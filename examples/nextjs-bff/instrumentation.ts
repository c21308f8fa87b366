import { settings } from '@/server/settings'

/** Next.js calls this at its start. If a setting is missing, it says so and answers all requests with 500. */
export const register = () => {
  if (process.env.NEXT_RUNTIME === 'nodejs') settings()
}
