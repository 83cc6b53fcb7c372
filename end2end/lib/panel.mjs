// A panel of the test's own: own data, ports, addresses and ids, so that it disturbs no other.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile, readFile, open } from 'node:fs/promises'
import { createWriteStream, existsSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { run, target, until } from './run.mjs'

export const carina = process.env.CARINA_BIN ?? path.join(target, 'debug', 'carina')

export const account = { name: 'ada', password: 'correct horse battery staple' }

/** A port nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

export class Panel {
  /** `host` is 'libvirt' (real segments) or 'sim'; `more` lines belong to the section they are named by. */
  static async start({ host = 'libvirt', pool = '10.84.0.0/16', idBase = 29_000 * 65_536, ports = 20, more = {}, config = '' } = {}) {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'carina-panel-'))
    const panel = new Panel()
    panel.dir = dir
    panel.port = await freePort()
    panel.discoveryPort = await freePort()
    // Panels of tests that run side by side have ports far apart.
    const half = Number(process.env.TEST_PARALLEL_INDEX ?? 0) % 2
    panel.frontDoorPort = 20_000 + half * 5_000 + Math.floor(Math.random() * 4_900)
    panel.frontDoorPorts = ports
    panel.origin = `http://127.0.0.1:${panel.port}`
    panel.configFile = path.join(dir, 'carina.toml')
    await writeFile(panel.configFile, settings(panel, { host, pool, idBase, more }) + config)
    await panel.up()
    return panel
  }

  /** Starts the program (again) and waits until it answers. */
  async up() {
    const log = createWriteStream(path.join(this.dir, 'panel.log'), { flags: 'a' })
    this.child = spawn(carina, ['--config', this.configFile, 'serve'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, RUST_LOG: process.env.RUST_LOG ?? 'info' },
    })
    this.child.stdout.on('data', (data) => {
      const link = /Set up: (\S+)/.exec(String(data))
      if (link) this.setupLink = link[1]
    })
    this.child.stdout.pipe(log, { end: false })
    this.child.stderr.pipe(log, { end: false })
    this.ended = new Promise((resolve) => this.child.once('exit', resolve))
    let ended = false
    this.ended.then(() => (ended = true))
    await until('the panel answers', async () => {
      if (ended) throw new Error(`the panel ended:\n${await this.log()}`)
      return (await fetch(`${this.origin}/healthz`)).ok
    }, { timeout: 20_000 }).catch(async (error) => {
      throw new Error(`${error.message}\n${await this.log()}`, { cause: error.cause })
    })
  }

  /** kill -9. */
  async kill() {
    this.child.kill('SIGKILL')
    await this.ended
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGTERM')
      const patience = setTimeout(() => this.child.kill('SIGKILL'), 15_000)
      await this.ended
      clearTimeout(patience)
    }
  }

  /** `carina ARGS...` with this panel's configuration. */
  command(...args) {
    return run(carina, ['--config', this.configFile, ...args], { timeout: 120_000 })
  }

  log() {
    return readFile(path.join(this.dir, 'panel.log'), 'utf8').catch(() => '')
  }

  /** Resident memory in bytes. */
  async memory() {
    const status = await readFile(`/proc/${this.child.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) * 1024
  }

  /** Stops, takes whatever it left off the host, and removes its data. Keeps the log of a failure. */
  async remove({ clusters = [], keepLog } = {}) {
    await this.stop()
    for (const cluster of clusters) await this.command('host', 'clean', '--cluster', cluster)
    if (keepLog && existsSync(path.dirname(keepLog))) await writeFile(keepLog, await this.log())
    await rm(this.dir, { recursive: true, force: true })
  }
}

function settings(panel, { host, pool, idBase, more }) {
  return `
data_dir = "${panel.dir}/data"
site_dir = "${target}/site"
programs_dir = "${target}/x86_64-unknown-linux-gnu/static"

[http]
listen = "127.0.0.1:${panel.port}"
${(more.http ?? '').replace('ORIGIN', panel.origin).replace('PORT', panel.port)}

[discovery]
port = ${panel.discoveryPort}

[front_door]
ports = "${panel.frontDoorPort}-${panel.frontDoorPort + panel.frontDoorPorts}"
${more.front_door ?? ''}

[network]
pool = "${pool}"

[segment]
id_base = ${idBase}

[[hosts]]
kind = "${host}"
${more.hosts ?? ''}
`
}
