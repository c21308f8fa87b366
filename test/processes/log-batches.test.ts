// The log writes many lines with one system call, and loses none when the process ends.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const logFile = fileURLToPath(new URL('../../src/log.ts', import.meta.url))

/** Runs the code with a log of the server. Resolves to the lines and the exit code. */
const run = async (code: string, onLine?: (child: ReturnType<typeof spawn>) => void) => {
  const source = `import { openLog } from ${JSON.stringify(logFile)}\nconst log = openLog('info')\n${code}`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', source], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    onLine?.(child)
  })
  const [exitCode] = await once(child, 'close')
  const lines = output.split('\n').filter((line) => line !== '')
  return { exitCode, messages: lines.map((line) => JSON.parse(line).msg as string) }
}

const hundredLines = `for (let count = 0; count < 100; count += 1) log.info('line ' + count)`
const allLines = Array.from({ length: 100 }, (_, count) => `line ${count}`)

test.each([
  ['ends normally', '', 0],
  ['calls exit', 'process.exit(3)', 3],
  ['crashes', `throw new Error('crash')`, 1],
  ['crashes in a promise', `Promise.reject(new Error('crash'))`, 1],
])('no log line is lost when the process %s', async (_, ending, code) => {
  const { exitCode, messages } = await run(`${hundredLines}\n${ending}`)
  expect(messages).toEqual(allLines)
  expect(exitCode).toBe(code)
})

test('a single log line is written although no other line follows', async () => {
  // The process runs until its line has arrived here.
  const { messages } = await run(`log.info('alone')\nsetInterval(() => {}, 1000)`, (child) => child.kill())
  expect(messages).toEqual(['alone'])
})
