#!/usr/local/bin/node --max-semi-space-size=8
// `dojang` in the container image. Linux drops a signal to process 1 unless the process has a handler. So a
// start or a command that waits would not stop. The server's own handlers replace these as soon as it is up.
for (const [signal, number] of [
  ['SIGTERM', 15],
  ['SIGINT', 2],
]) {
  const end = () => process.exit(128 + number)
  process.on(signal, end)
  process.on('newListener', (event) => {
    // Later, because without any handler Node stops to listen for the signal.
    if (event === signal) queueMicrotask(() => process.off(signal, end))
  })
}
await import('./dojang.js')
