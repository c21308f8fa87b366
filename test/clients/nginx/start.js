// Starts nginx with service.conf, check-token.js, and a service behind nginx that answers with the user.
// The two files have fixed ports. This program gives them free ones.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const { PORT } = process.env
const folder = mkdtempSync(join(tmpdir(), 'dojang-nginx-'))
const textOf = (name) => readFileSync(new URL(name, import.meta.url), 'utf8')

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })

const service = createServer(({ headers }, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ sub: headers['x-user'] }))
})
await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve))
const checkPort = await freePort()

writeFileSync(join(folder, 'check-token.mjs'), textOf('check-token.js').replace('4100', checkPort))
const site = textOf('service.conf')
  .replace('listen 8080', `listen 127.0.0.1:${PORT}`)
  .replace('127.0.0.1:4100', `127.0.0.1:${checkPort}`)
  .replace('127.0.0.1:3000', `127.0.0.1:${service.address().port}`)
const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
  (name) => `${name}_temp_path ${folder}/${name};`,
)
writeFileSync(
  join(folder, 'nginx.conf'),
  `daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
  events {} http { access_log off; ${temporary.join(' ')} ${site} }`,
)

const options = { stdio: 'inherit', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } }
const check = spawn(process.execPath, [join(folder, 'check-token.mjs')], options)
const nginx = spawn('nginx', ['-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')], options)
process.once('SIGTERM', () => {
  check.kill()
  nginx.kill()
  service.close()
  rmSync(folder, { recursive: true, force: true })
})
