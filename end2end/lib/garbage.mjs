// Nonsense for listening sockets.
import net from 'node:net'
import { randomBytes } from 'node:crypto'

const payloads = [
  randomBytes(4096),
  Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  Buffer.from('\x16\x03\x01\xff\xff' + 'A'.repeat(2000), 'latin1'),
  Buffer.alloc(0),
  Buffer.from('POST /v1/clusters/../../etc/passwd?ttl=-1 HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n'),
]

/** Sends each payload on a connection of its own; what came back, as text. */
export async function garbage(host, port) {
  const answers = []
  for (const payload of payloads) {
    answers.push(await new Promise((resolve) => {
      let answer = ''
      const socket = net.connect({ host, port, timeout: 3000 }, () => socket.end(payload))
      socket.setEncoding('latin1')
      socket.on('data', (data) => (answer += data))
      const done = () => { socket.destroy(); resolve(answer) }
      socket.on('timeout', done).on('error', done).on('close', done)
    }))
  }
  return answers
}
