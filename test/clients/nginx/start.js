// Starts nginx with service.conf, check-token.js, and the service behind nginx.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { changed, folder, run, startCheckToken, startService } from '../proxied-service.js'

const site = changed('nginx/service.conf', {
  'listen 8080': `listen 127.0.0.1:${process.env.PORT}`,
  '127.0.0.1:4100': `127.0.0.1:${await startCheckToken()}`,
  '127.0.0.1:3000': `127.0.0.1:${await startService()}`,
})
const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
  (name) => `${name}_temp_path ${folder}/${name};`,
)
writeFileSync(
  join(folder, 'nginx.conf'),
  `daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
  events {} http { access_log off; ${temporary.join(' ')} ${site} }`,
)
run('nginx', '-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf'))
