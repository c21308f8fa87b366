// Runs a reverse proxy in front of a service, for the programs in nginx, caddy and haproxy. The files of
// docs/stock-clients.md have fixed ports, addresses and paths, which are replaced here.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream'

export const folder = mkdtempSync(join(tmpdir(), 'dojang-proxy-'))
// The proxy may delete its own files at the same time, so this retries.
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))

const listening = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))

const freePort = async () => {
  const probe = createServer()
  const port = await listening(probe)
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** Runs a program beside this one. Both end when one of them ends. */
export const run = (file, ...args) => {
  const env = { ...process.env, HOME: folder, PATH: `${process.env.PATH}:/usr/sbin` }
  const child = spawn(file, args, { stdio: 'inherit', env })
  child.once('exit', () => process.exit())
  process.once('SIGTERM', () => child.kill())
  process.once('exit', () => child.kill())
}

/** A file of the page with the values of this run. Throws if the file does not have such a text. */
export const changed = (file, replacements) =>
  Object.entries(replacements).reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`${file} does not contain ${from}.`)
      return text.replaceAll(from, to)
    },
    readFileSync(new URL(file, import.meta.url), 'utf8'),
  )

let bytesToCheck = 0

/** Starts check-token.js. Its port counts the bytes that the proxy sends. */
export const startCheckToken = async () => {
  const port = await freePort()
  const program = join(folder, 'check-token.mjs')
  writeFileSync(program, changed('check-token.js', { 4100: port }))
  run(process.execPath, program)
  const counter = createTcpServer((from) => {
    from.on('data', ({ length }) => {
      bytesToCheck += length
    })
    pipeline(from, connect(port, '127.0.0.1'), from, () => {})
  })
  return listening(counter)
}

/** Starts the service. It answers with the user in its headers, and with the bytes that were sent. */
export const startService = () =>
  listening(
    createServer(async (request, response) => {
      let bytes = 0
      for await (const { length } of request) bytes += length
      const { 'x-user': sub, x_user: other } = request.headers
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ sub, other, bytes, bytesToCheck }))
    }),
  )
