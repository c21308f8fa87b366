// Starts Caddy with the Caddyfile, check-token.js, and the service behind Caddy.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { changed, folder, run, startCheckToken, startService } from '../proxied-service.js'

const site = changed('caddy/Caddyfile', {
  ':8080': `:${process.env.PORT}`,
  '127.0.0.1:4100': `127.0.0.1:${await startCheckToken()}`,
  '127.0.0.1:3000': `127.0.0.1:${await startService()}`,
})
writeFileSync(join(folder, 'Caddyfile'), `{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n${site}`)
run('caddy', 'run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile'))
