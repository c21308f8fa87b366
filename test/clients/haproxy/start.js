// Starts HAProxy with service.cfg, and the service behind HAProxy.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { changed, folder, run, startService } from '../proxied-service.js'

const { PORT, ISSUER_URL, AUDIENCE, PEM_FOLDER } = process.env
const configuration = changed('haproxy/service.cfg', {
  'bind :8080': `bind 127.0.0.1:${PORT}`,
  'https://id.example.com': ISSUER_URL,
  'https://api.example.com': AUDIENCE,
  '/etc/haproxy/dojang': PEM_FOLDER,
  '127.0.0.1:3000': `127.0.0.1:${await startService()}`,
})
writeFileSync(join(folder, 'haproxy.cfg'), configuration)
run('haproxy', '-db', '-f', join(folder, 'haproxy.cfg'))
