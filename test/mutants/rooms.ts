// The files whose guards a mutation run removes: the rules of the core, and the endpoints of OAuth.
export const rooms = [
  'src/oauth',
  'src/tokens',
  'src/sessions',
  'src/passwords',
  'src/identities',
  'src/revocation',
  'src/throttle',
  'src/clients/redirect-uri.ts',
]
