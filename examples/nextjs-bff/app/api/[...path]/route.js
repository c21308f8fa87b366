import { passOn } from '../../../bff.js'

// A route handler, not a rewrite of next.config.js: rewrites hold streams back.
export const dynamic = 'force-dynamic'

export const GET = async (request, { params }) => passOn(request, `/${(await params).path.join('/')}`)
