// grant_type=refresh_token (RFC 6749 §6). Maps the outcomes of tokens/refresh.ts to the errors of the RFC.
import type { Apis } from '../../clients/api.ts'
import type { Refresh } from '../../tokens/refresh.ts'
import { invalidGrant, invalidScope, invalidTarget } from '../errors.ts'
import { required } from '../params.ts'
import { type Grant, requestedScope, tokenResponse } from './grant.ts'

export const createRefreshTokenGrant =
  ({ refresh, apis }: { refresh: Refresh; apis: Apis }): Grant =>
  async (params, client, context) => {
    const scope = await requestedScope(params, client, apis)
    const refreshed = await refresh({
      token: required(params, 'refresh_token'),
      startedBy: 'authorization_code',
      client,
      resource: params.all('resource'),
      ...(scope && { scope }),
      ...context,
    })
    switch (refreshed.outcome) {
      case 'refreshed':
        return tokenResponse(refreshed.tokens, refreshed.refreshToken)
      case 'refused':
        throw invalidGrant(`refresh token ${refreshed.reason}`)
      case 'scope_beyond_grant':
        throw invalidScope('The user has not granted one of these scopes.')
      case 'resource_beyond_grant':
        throw invalidTarget()
    }
  }
