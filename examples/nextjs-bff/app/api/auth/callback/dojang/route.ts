import { handlers } from '@/server/auth'

/**
 * The only endpoint of Auth.js that this site needs. `/api/auth/session` is missing on purpose: it writes the
 * cookie again at each call, and could bring back an old refresh token while another request refreshes.
 */
export const { GET } = handlers
