import { forwardToApi } from '../../../bff.js'

// A route handler is necessary here: a rewrite in next.config.js would buffer streams.
export const dynamic = 'force-dynamic'

export const GET = async (request, { params }) => forwardToApi(request, `/${(await params).path.join('/')}`)
