// Runs the configurations that docs/operations.md prints, in the real programs.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rootCertificates, setDefaultCACertificates } from 'node:tls'
import { onPath, type Service, serve, startInTemporaryFolder } from '../../harness/process.ts'

const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8')

/** The block of the page that begins with the name of its file. */
export const printed = (language: string): string => {
  const blocks = [...page.matchAll(new RegExp(`^\`\`\`${language}\n(# /etc/[\\s\\S]*?)^\`\`\`$`, 'gm'))]
  const [block, ...more] = blocks.map(([, code = '']) => code)
  if (block === undefined || more.length > 0)
    throw new Error(`docs/operations.md must print exactly one file for ${language}.`)
  return block
}

/** Replaces every text of the page that depends on the machine. Throws if a text is not there. */
const onThisMachine = (block: string, replacements: Readonly<Record<string, string>>): string =>
  Object.entries(replacements).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`docs/operations.md does not contain ${from}.`)
    return text.replaceAll(from, to)
  }, block)

/** A certificate for 127.0.0.1, which this process trusts from now on. */
const certificate = (folder: string): { crt: string; key: string; pem: string } => {
  const [crt, key, pem] = [join(folder, 'crt'), join(folder, 'key'), join(folder, 'pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const files = ['-keyout', key, '-out', crt]
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files],
    { stdio: 'ignore' },
  )
  writeFileSync(pem, readFileSync(crt, 'utf8') + readFileSync(key, 'utf8'), { mode: 0o600 })
  setDefaultCACertificates([...rootCertificates, readFileSync(crt, 'utf8')])
  return { crt, key, pem }
}

export interface LoadBalancerParts {
  /** The port that clients use. */
  port: number
  /** The addresses of the two instances, without http://. */
  instances: readonly [string, string]
}

export interface LoadBalancer {
  name: string
  scheme: 'http' | 'https'
  /** Undefined if the program is not installed. */
  binary: string | undefined
  start(parts: LoadBalancerParts): Promise<Service>
}

const addresses = ([one, two]: LoadBalancerParts['instances']) => ({
  '10.0.0.11:4000': one,
  '10.0.0.12:4000': two,
})

/** Also looks where Debian installs servers, because that folder may not be on the path. */
const installed = (name: string): string | undefined =>
  onPath(name) ??
  execFileSync('sh', ['-c', `PATH=/usr/sbin:/sbin command -v ${name} || true`])
    .toString()
    .trim()

const answers = (url: string) => (): Promise<boolean> =>
  fetch(`${url}/healthz`).then(
    ({ status }) => status === 200,
    () => false,
  )

const nginx: LoadBalancer = {
  name: 'nginx',
  scheme: 'https',
  binary: installed('nginx') || undefined,
  start: ({ port, instances }) =>
    startInTemporaryFolder(async (folder) => {
      const { crt, key } = certificate(folder)
      const site = onThisMachine(printed('nginx'), {
        ...addresses(instances),
        'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
        '/etc/nginx/id.example.com.crt': crt,
        '/etc/nginx/id.example.com.key': key,
      })
      writeFileSync(join(folder, 'dojang.conf'), site)
      const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${folder}/${name};`,
      )
      writeFileSync(
        join(folder, 'nginx.conf'),
        `daemon off; worker_processes 2; pid ${folder}/pid; error_log ${folder}/error.log;
        events {} http { access_log off; ${own.join(' ')} include ${folder}/dojang.conf; }`,
      )
      // It opens this log before it reads the configuration.
      const args = ['-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')]
      const url = `https://127.0.0.1:${port}`
      const running = await serve(
        nginx.binary ?? '',
        args,
        { cwd: folder, stopSignal: 'SIGQUIT' },
        answers(url),
      )
      return { url, stop: running.stop }
    }),
}

const haproxy: LoadBalancer = {
  name: 'HAProxy',
  scheme: 'https',
  binary: installed('haproxy') || undefined,
  start: ({ port, instances }) =>
    startInTemporaryFolder(async (folder) => {
      const { pem } = certificate(folder)
      const site = onThisMachine(printed('haproxy'), {
        ...addresses(instances),
        'bind :443': `bind 127.0.0.1:${port}`,
        '/etc/haproxy/id.example.com.pem': pem,
      })
      writeFileSync(join(folder, 'haproxy.cfg'), site)
      const url = `https://127.0.0.1:${port}`
      const args = ['-db', '-f', join(folder, 'haproxy.cfg')]
      const running = await serve(
        haproxy.binary ?? '',
        args,
        { cwd: folder, stopSignal: 'SIGTERM' },
        answers(url),
      )
      return { url, stop: running.stop }
    }),
}

/** Without TLS: Caddy would ask a certificate authority for a certificate. */
const caddy: LoadBalancer = {
  name: 'Caddy',
  scheme: 'http',
  binary: installed('caddy') || undefined,
  start: ({ port, instances }) =>
    startInTemporaryFolder(async (folder) => {
      const url = `http://127.0.0.1:${port}`
      const site = onThisMachine(printed('caddy'), { ...addresses(instances), 'id.example.com': url })
      const own = '{\n\tadmin off\n}\n'
      writeFileSync(join(folder, 'Caddyfile'), own + site)
      const args = ['run', '--adapter', 'caddyfile', '--config', join(folder, 'Caddyfile')]
      // It writes to the home folder.
      const words = [`HOME=${folder}`, caddy.binary ?? '', ...args]
      const running = await serve('env', words, { cwd: folder, stopSignal: 'SIGTERM' }, answers(url))
      return { url, stop: running.stop }
    }),
}

export const loadBalancers = { nginx, haproxy, caddy }
