#!/usr/bin/env node
// Written for any Node, so that an old one gets a sentence instead of a syntax error.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    `Dojang needs Node 24 or newer, and this is ${process.version}. ` +
      'After `npm ci`, `npm start` and `npx dojang` use the Node 24 that came with it.',
  )
  process.exit(1)
}
await import('../src/cli/main.ts').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/^Cannot find package/.test(error.message)) throw error
  console.error('The packages that Dojang needs are not here, or not all of them. Run: npm ci')
  process.exit(1)
})
