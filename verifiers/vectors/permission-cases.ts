// The scopes and roles that a route requires.
import { accessToken } from './tokens.ts'
import { type Vector, vector } from './vector.ts'

const scopes: Vector[] = [
  vector('scope-ok', 'accepts a token with the required scope', accessToken(), 'ok', {
    needs: { scopes: ['notes:read'] },
  }),
  vector(
    'scope-both',
    'rejects a token with one of two required scopes',
    accessToken(),
    'insufficient_scope',
    {
      needs: { scopes: ['notes:read', 'notes:write'] },
      expect: { scope: 'notes:read notes:write' },
    },
  ),
  vector(
    'scope-prefix',
    'rejects a token whose scope only starts with the required scope',
    accessToken(),
    'insufficient_scope',
    {
      needs: { scopes: ['notes'] },
      expect: { scope: 'notes' },
    },
  ),
  vector(
    'scope-text-only',
    'reads scope if the token has no scopes claim',
    accessToken({ scopes: undefined }),
    'ok',
    {
      needs: { scopes: ['notes:read'] },
    },
  ),
  vector(
    'scope-none',
    'rejects a token without any scope',
    accessToken({ scopes: undefined, scope: undefined }),
    'insufficient_scope',
    { needs: { scopes: ['openid'] }, expect: { scope: 'openid' } },
  ),
  vector(
    'scope-odd',
    'finds no scope in a scopes claim that is not a list',
    accessToken({ scopes: { openid: true } }),
    'insufficient_scope',
    { needs: { scopes: ['openid'] }, expect: { scope: 'openid' } },
  ),
]

const roles: Vector[] = [
  vector('role-one-of', 'accepts a token with one of the required roles', accessToken(), 'ok', {
    needs: { roles: ['admin', 'editor'] },
  }),
  vector(
    'role-none',
    'rejects a token with none of the required roles',
    accessToken(),
    'insufficient_scope',
    {
      needs: { roles: ['admin', 'owner'] },
    },
  ),
  vector(
    'role-text',
    'finds no role in a roles claim that is a string',
    accessToken({ roles: 'admin' }),
    'insufficient_scope',
    { needs: { roles: ['admin'] } },
  ),
  vector(
    'role-prefix',
    'rejects a token whose role only starts with the required role',
    accessToken({ roles: ['administrator'] }),
    'insufficient_scope',
    { needs: { roles: ['admin'] } },
  ),
]

export const permissionCases: Vector[] = [
  ...scopes,
  ...roles,
  vector(
    'needs-both',
    'rejects a token with the role but without the scope',
    accessToken(),
    'insufficient_scope',
    {
      needs: { roles: ['editor'], scopes: ['notes:write'] },
      expect: { scope: 'notes:write' },
    },
  ),
  vector(
    'needs-after-revocation',
    'checks the revocation feed before the roles',
    accessToken({ jti: 'token-revoked' }),
    'revoked',
    { needs: { roles: ['admin'] } },
  ),
]
