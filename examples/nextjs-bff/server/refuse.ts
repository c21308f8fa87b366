/** The codes of the answers that this server gives itself, and their sentences. */
const refusals = {
  signed_out: [401, 'Sign in first.'],
  cross_site: [403, 'Only pages of this site may send this request.'],
  not_found: [404, 'There is no such path.'],
  method_not_allowed: [405, 'This path does not accept this method.'],
  too_large: [413, 'The body is too large.'],
  api_unreachable: [502, 'The API did not answer.'],
  issuer_unreachable: [503, 'The sign-in service did not answer. Try again soon.'],
} as const

/** `detail` is the member that FastAPI and REST framework use, so a page reads all errors in one way. */
export const refuse = (code: keyof typeof refusals, headers: Record<string, string> = {}): Response => {
  const [status, detail] = refusals[code]
  return Response.json({ detail, code }, { status, headers: { 'cache-control': 'no-store', ...headers } })
}
