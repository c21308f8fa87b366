import { forward } from '@/server/forward'

// A route handler is necessary here: a rewrite in next.config.ts would buffer streams.
export const dynamic = 'force-dynamic'

export { forward as DELETE, forward as GET, forward as PATCH, forward as POST, forward as PUT }
