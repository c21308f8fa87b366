// Health, metrics and this description: for operators and developers.
import { answer, get, page, problem, unavailable } from './parts.ts'

export const operationPaths = {
  '/healthz': get('Operation', 'Is the process running?', { 200: answer('Yes') }),
  '/readyz': get('Operation', 'Can the server answer requests?', { 200: answer('Yes'), 503: unavailable }),
  '/metrics': get('Operation', 'Prometheus metrics, from this machine or with METRICS_TOKEN', {
    200: answer('Metrics'),
    404: problem('Not allowed'),
  }),
  '/docs': get('Operation', 'This description as a page', { 200: page }),
  '/docs/openapi.json': get('Operation', 'This description as OpenAPI', { 200: answer('OpenAPI 3.1') }),
}
