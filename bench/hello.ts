// A minimal Fastify server: the baseline of the benchmark. It prints its address.
import fastify from 'fastify'

const server = fastify()
server.get('/', async () => ({ hello: 'world' }))
console.log(await server.listen({ host: '127.0.0.1', port: 0 }))
