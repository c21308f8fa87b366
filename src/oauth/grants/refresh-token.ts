// grant_type=refresh_token (RFC 6749 §6). The rule itself is tokens/refresh.ts; here its outcomes become RFC errors.
import type { Refresh } from '../../tokens/refresh.ts'
import { invalidGrant, invalidScope, invalidTarget } from '../errors.ts'
import { required } from '../params.ts'
import { type Grant, requestedScope, tokenResponse } from './grant.ts'

export const createRefreshTokenGrant =
  ({ refresh }: { refresh: Refresh }): Grant =>
  async (params, client, context) => {
    const scope = requestedScope(params, client)
    const refreshed = await refresh({
      token: required(params, 'refresh_token'),
      startedBy: 'authorization_code',
      client,
      resource: params.all('resource'),
      ...(scope && { scope }),
      ip: context.ip,
      requestId: context.requestId,
    })
    switch (refreshed.outcome) {
      case 'refreshed':
        return tokenResponse(refreshed.tokens, refreshed.refreshToken)
      case 'refused':
        throw invalidGrant(`refresh token ${refreshed.reason}`)
      case 'scope_beyond_grant':
        throw invalidScope('The scope goes beyond what was granted.')
      case 'resource_beyond_grant':
        throw invalidTarget()
    }
  }
