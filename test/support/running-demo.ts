// `npm run demo` as a process of its own.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface RunningDemo {
  /** What it prints after the start. */
  greeting: string
  shop: string
  issuer: string
  kakao: string
  /** The folder with the data, the keys and the log. */
  files: string
  stop(signal: NodeJS.Signals): Promise<number | null>
}

export const startDemo = async (env: Record<string, string> = {}): Promise<RunningDemo> => {
  const demo = spawn(process.execPath, [join(root, 'demo/main.ts')], {
    cwd: root,
    env: { PATH: process.env.PATH, LANG: 'ko_KR.UTF-8', ...env },
  })
  // A caller that fails leaves no demo behind.
  process.once('exit', () => demo.kill())
  const exit = new Promise<number | null>((resolve) => demo.once('close', resolve))
  let greeting = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [demo.stdout, demo.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        greeting += text
        if (greeting.includes('Ctrl+C')) resolve()
      })
    exit.then((code) => reject(new Error(`the demo ended with ${code}: ${greeting}`)))
  })
  const [shop = '', kakao = '', issuer = ''] = [...greeting.matchAll(/http:\/\/127\.0\.0\.1:\d+/g)].map(
    String,
  )
  return {
    greeting,
    ...{ shop, issuer, kakao },
    files: /(\S+)\/dojang\.log/.exec(greeting)?.[1] ?? '',
    stop: (signal) => {
      demo.kill(signal)
      return exit
    },
  }
}
