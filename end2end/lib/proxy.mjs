// A way to the panel that a test can cut: bytes go through as they are.
import net from 'node:net'

export class Proxy {
  static start(port) {
    const proxy = new Proxy()
    proxy.open = new Set()
    proxy.isDown = false
    proxy.server = net.createServer((near) => {
      near.on('error', () => {})
      if (proxy.isDown) return near.destroy()
      const far = net.connect(port, '127.0.0.1')
      proxy.open.add(near)
      // One side's end is the other's, whatever the reason.
      const end = () => { near.destroy(); far.destroy(); proxy.open.delete(near) }
      near.on('close', end).on('error', end)
      far.on('close', end).on('error', end)
      near.pipe(far).pipe(near)
    })
    return new Promise((resolve, reject) => {
      proxy.server.on('error', reject)
      proxy.server.listen(0, '127.0.0.1', () => {
        proxy.origin = `http://127.0.0.1:${proxy.server.address().port}`
        resolve(proxy)
      })
    })
  }

  /** Whatever is on its way is lost; the next connection is let through, unless `isDown`. How many there
   *  were. */
  cut() {
    const open = [...this.open]
    for (const socket of open) socket.destroy()
    return open.length
  }

  async stop() {
    this.cut()
    await new Promise((resolve) => this.server.close(resolve))
  }
}
