// Secrets come in through stdin or the keyboard, never through arguments, which every process of the machine can read.
import { CliError } from './cli-error.ts'

const maxLength = 8192

const readStdin = async (): Promise<string> => {
  let text = ''
  process.stdin.setEncoding('utf8')
  for await (const chunk of process.stdin as AsyncIterable<string>) {
    text += chunk
    if (text.length > maxLength) throw new CliError('The password on stdin is too long.')
  }
  // The line break that `echo` and editors add is no part of it; everything else is.
  return text.replace(/\r?\n$/, '')
}

/** What is typed until Enter, unseen. */
const typed = (prompt: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { stdin, stderr } = process
    stderr.write(prompt)
    stdin.setRawMode(true)
    stdin.setEncoding('utf8')
    let text = ''
    const done = () => {
      stdin.off('data', hear).pause().setRawMode(false)
      stderr.write('\n')
    }
    const hear = (chunk: string) => {
      for (const key of chunk) {
        if (key === '\r' || key === '\n' || key === '\u0004') {
          done()
          return resolve(text)
        }
        if (key === '\u0003') {
          done()
          return reject(new CliError('Cancelled.'))
        }
        text = key === '\u007f' || key === '\b' ? [...text].slice(0, -1).join('') : text + key
      }
    }
    stdin.on('data', hear).resume()
  })

/** From stdin if asked for; else typed twice at a terminal; else, or if nothing was typed, undefined. */
export const readPassword = async ({ stdin }: { stdin: boolean }): Promise<string | undefined> => {
  if (stdin) {
    const password = await readStdin()
    if (password === '') throw new CliError('There was no password on stdin.')
    return password
  }
  if (!process.stdin.isTTY) return undefined
  const password = await typed('Password: ')
  if (password === '') return undefined
  if ((await typed('Once more: ')) !== password) throw new CliError('The two passwords differ.')
  return password
}
