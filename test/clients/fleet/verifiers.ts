// The verifiers that `npm run test:clients` runs. docs/stock-clients.md prints the same list.
import type { ProgramName } from './programs.ts'

export interface StockVerifier {
  name: string
  program: ProgramName
  /** Its folder at the program: `/verifiers/PATH`, and `/quick-starts/PATH`. */
  path: string
  packages: readonly string[]
  /** False if the documentation of the library has no quick start that reads a JWKS. */
  quickStart?: false
  /** How long its cache keeps a key, by its documentation. */
  cache: string
  /** The longest time until it accepts a key that was published a moment ago. */
  nextKeySeconds: number
  /** True if it fetches the keys by time only, and not for an unknown key. */
  polls?: true
  /** True if it reads the keys from files. It accepts a new key when the operator has exported it. */
  keyFiles?: true
}

export const verifiers: readonly StockVerifier[] = [
  {
    name: 'jose',
    program: 'node',
    path: 'jose',
    packages: ['jose'],
    cache: '10 minutes',
    nextKeySeconds: 30,
  },
  {
    name: 'jsonwebtoken with jwks-rsa',
    program: 'node',
    path: 'jsonwebtoken',
    packages: ['jsonwebtoken', 'jwks-rsa'],
    cache: '10 minutes',
    nextKeySeconds: 0,
  },
  {
    name: 'express-oauth2-jwt-bearer',
    program: 'node',
    path: 'express',
    packages: ['express-oauth2-jwt-bearer'],
    cache: '10 minutes',
    nextKeySeconds: 30,
  },
  {
    name: '@fastify/jwt with get-jwks',
    program: 'node',
    path: 'fastify',
    packages: ['@fastify/jwt', 'get-jwks'],
    cache: '1 minute',
    nextKeySeconds: 0,
  },
  {
    name: 'PyJWT',
    program: 'python',
    path: 'pyjwt',
    packages: ['PyJWT'],
    cache: '5 minutes',
    nextKeySeconds: 30,
  },
  {
    name: 'joserfc',
    program: 'python',
    path: 'joserfc',
    packages: ['joserfc'],
    cache: '30 seconds',
    nextKeySeconds: 30,
    polls: true,
  },
  {
    name: 'Authlib',
    program: 'python',
    path: 'authlib',
    packages: ['Authlib'],
    cache: '30 seconds',
    nextKeySeconds: 30,
    polls: true,
  },
  {
    name: 'python-jose',
    program: 'python',
    path: 'python-jose',
    packages: ['python-jose'],
    cache: '30 seconds',
    nextKeySeconds: 30,
    polls: true,
  },
  {
    name: 'Django REST framework SimpleJWT',
    program: 'django',
    path: 'simplejwt',
    packages: ['djangorestframework-simplejwt'],
    quickStart: false,
    cache: '5 minutes',
    nextKeySeconds: 30,
  },
  {
    name: 'go-oidc',
    program: 'go',
    path: 'go-oidc',
    packages: ['github.com/coreos/go-oidc/v3'],
    cache: 'until the service restarts',
    nextKeySeconds: 0,
  },
  {
    name: 'golang-jwt with keyfunc',
    program: 'go',
    path: 'keyfunc',
    packages: ['github.com/golang-jwt/jwt/v5', 'github.com/MicahParks/keyfunc/v3'],
    cache: '5 minutes',
    nextKeySeconds: 30,
  },
  {
    name: 'jwx',
    program: 'go',
    path: 'jwx',
    packages: ['github.com/lestrrat-go/jwx/v3'],
    cache: '30 seconds',
    nextKeySeconds: 30,
    polls: true,
  },
  {
    name: 'Spring Security 6',
    program: 'spring6',
    path: 'spring',
    packages: ['spring-security-core@6.5.11'],
    cache: '5 minutes',
    nextKeySeconds: 0,
  },
  {
    name: 'Spring Security 7',
    program: 'spring7',
    path: 'spring',
    packages: ['spring-security-core@7.1.1'],
    cache: '5 minutes',
    nextKeySeconds: 0,
  },
  {
    name: 'Nimbus JOSE + JWT',
    program: 'spring7',
    path: 'nimbus',
    packages: ['nimbus-jose-jwt@10.9.1'],
    cache: '5 minutes',
    nextKeySeconds: 30,
  },
  {
    name: 'jsonwebtoken',
    program: 'rust',
    path: 'jsonwebtoken',
    packages: ['jsonwebtoken'],
    cache: '30 seconds',
    nextKeySeconds: 30,
    polls: true,
  },
  {
    name: 'auth_request with introspection',
    program: 'nginx',
    path: 'nginx',
    packages: ['nginx@1.22 or newer'],
    quickStart: false,
    cache: 'refused at once',
    nextKeySeconds: 0,
  },
  {
    name: 'forward_auth with introspection',
    program: 'caddy',
    path: 'caddy',
    packages: ['caddy@2.6'],
    quickStart: false,
    cache: 'refused at once',
    nextKeySeconds: 0,
  },
  {
    name: 'jwt_verify with PEM',
    program: 'haproxy',
    path: 'haproxy',
    packages: ['haproxy@2.6'],
    quickStart: false,
    cache: 'until its file is replaced',
    nextKeySeconds: 0,
    keyFiles: true,
  },
]
