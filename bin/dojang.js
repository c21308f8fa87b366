#!/usr/bin/env node
import module from 'node:module'
import { fileURLToPath } from 'node:url'

// Old Node versions must be able to read this file, so that they print a sentence instead of a syntax error.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  // The optional dependencies in package.json: npm ci installs Node 24 on these platforms only.
  const withNode = ['linux-arm64', 'linux-x64', 'win32-x64']
  const platform = `${process.platform}-${process.arch}`
  console.error(
    `Dojang needs Node 24 or newer, and this is ${process.version}. ` +
      (withNode.includes(platform)
        ? 'Run npm ci. It installs Node 24, and npm start and npx dojang then use it.'
        : `Install Node 24, because npm ci does not install it on ${platform}.`),
  )
  process.exit(1)
}
// The next start reads compiled code, and needs a third less processor time. A user who can write to this
// folder could change the code itself. If it cannot be written, every start compiles.
module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/dojang', import.meta.url)))
const { main } = await import('../src/cli/main.ts').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/^Cannot find package/.test(error.message)) throw error
  console.error('Some packages that Dojang needs are not installed. Run: npm ci')
  process.exit(1)
})
await main(process)
