// `make bench`: prints what Carina takes and writes it to docs/benchmarks.md. Everything is measured
// on real segments of this machine, through the doors that people use.
import http from 'node:http'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { Bundle, busyboxTar } from './lib/docker.mjs'
import * as machine from './lib/host.mjs'
import { manySegments } from './lib/many.mjs'
import { Panel, carina } from './lib/panel.mjs'
import { ok, root, run, target, until } from './lib/run.mjs'
import { Session } from './lib/session.mjs'

const runs = Number(process.env.CARINA_BENCH_RUNS ?? 10)
const calls = Number(process.env.CARINA_BENCH_CALLS ?? 2000)

const sorted = (list) => [...list].sort((a, b) => a - b)
const at = (list, share) => sorted(list)[Math.min(list.length - 1, Math.floor(list.length * share))]
const median = (list) => at(list, 0.5)
const s = (ms) => `${(ms / 1000).toFixed(2)} s`
const mib = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`
const mb = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`
const verdict = (is) => (is ? 'met' : '**missed**')

const dir = await mkdtemp(path.join(os.tmpdir(), 'carina-bench-'))
const made = []
let panel
try {
  await ok(carina, ['host', 'prepare'], { timeout: 240_000 })
  panel = await Panel.start({ pool: '10.87.0.0/16', idBase: 27_000 * 65_536, host: 'libvirt' })
  await new Promise((resolve) => setTimeout(resolve, 2000))
  const idlePanel = await panel.memory()
  const person = new Session(panel)
  await person.setUp(panel.setupLink)
  const image = await busyboxTar(dir)

  const report = []
  const print = (line = '') => { report.push(line); console.log(line) }

  print('# What Carina takes')
  print()
  print(`Written by \`make bench\`, ${new Date().toISOString().slice(0, 10)}, on ${os.cpus().length} cores (${os.cpus()[0].model.trim()}), Linux ${os.release()}. Release build; the segment image is there, nothing else is warm. ${runs} runs each, ${calls} calls each.`)

  // --- create → docker run -----------------------------------------------------------------------
  const create = {}
  for (const segments of [1, 2, 3]) {
    create[segments] = { endpoint: [], run: [], active: [], busy: [], stolen: [], steps: {}, boot: {} }
    for (let k = 0; k < runs; k++) await creation(segments, create[segments])
  }
  print()
  print('## From the wish to `docker run`')
  print()
  print('“Endpoint” is the first `docker version` answered through the front door, “run” the first `docker run busybox true` that ended well, with the import of the 2 MB image before it counted in; “active” is every segment up and joined. Median (least – most). “Processors” is what all of this machine\'s cores together worked between the wish and “run”, client included; “stolen” what the machine below gave to others in that time.')
  print()
  print('| segments | endpoint | run | active | processors | stolen | target for run | |')
  print('|---|---|---|---|---|---|---|---|')
  const spread = (list) => `${s(median(list))} (${s(Math.min(...list))} – ${s(Math.max(...list))})`
  const goals = { 1: 2000, 2: 4000, 3: 4000 }
  for (const segments of [1, 2, 3]) {
    const c = create[segments]
    print(`| ${segments} | ${spread(c.endpoint)} | ${spread(c.run)} | ${spread(c.active)} | ${s(median(c.busy))} | ${s(median(c.stolen))} | ≤ ${s(goals[segments])} | ${verdict(median(c.run) <= goals[segments])} |`)
  }
  const cores = os.cpus().length
  for (const segments of [1, 2, 3].filter((n) => median(create[n].run) > goals[n])) {
    const c = create[segments]
    print()
    print(`Why ${segments} ${segments === 1 ? 'segment takes' : 'segments take'} longer than wished: the ${cores} cores worked ${s(median(c.busy))} for it, so even with nothing waiting for anything it takes ${s(median(c.busy) / cores)} here. Nearly all of it are dockerd, containerd and runc starting (the parts below); more cores help, and so would segments that are started before anybody asks for them.`)
  }
  print()
  print('The panel\'s own clock for each step, one segment, milliseconds from the wish (median):')
  print()
  print('| step | done after |')
  print('|---|---|')
  for (const [label, list] of Object.entries(create[1].steps)) print(`| ${label} | ${Math.round(median(list))} ms |`)
  print()
  print('What of it is spent inside the segment, told by its own PID 1: milliseconds from its start until each part answers (median). libvirt\'s share lies before: “made” above is its end. `image` is the import of the system containers\' image, a first start\'s work beside the engine\'s; `manager` and `agent` are the system containers\' start.')
  print()
  print('| part | one segment | three segments, the slowest |')
  print('|---|---|---|')
  for (const [name, list] of Object.entries(create[1].boot)) {
    print(`| ${name} | ${Math.round(median(list))} ms | ${Math.round(median(create[3].boot[name]))} ms |`)
  }

  // --- one cluster for the rest ---------------------------------------------------------------------
  const cluster = await person.create('steady', 1)
  made.push(cluster)
  const view = await until('active', async () => { const c = await person.cluster(cluster); return c.phase === 'active' && c }, { timeout: 60_000 })
  await new Promise((resolve) => setTimeout(resolve, 10_000))
  const memory = async () => (await person.cluster(cluster)).segments[0].memory_used_bytes
  const idleSegment = await memory()
  const bundle = await unzip(await person.bundle(cluster), 'steady')
  const docker = await bundle.docker()
  await docker.ok(['import', image, 'busybox:latest'])
  await docker.ok('run -d --name one busybox /bin/sleep 100000')
  const node = `${cluster}-n1`

  // --- added time -------------------------------------------------------------------------------------
  const dockerd = (await machine.processes(node, 'dockerd'))[0]
  const bare = { socketPath: `/proc/${dockerd}/root/run/docker.sock`, agent: new http.Agent({ keepAlive: true, maxSockets: 1 }) }
  const identity = { ca: await readFile(bundle.file('ca.pem')), cert: await readFile(bundle.file('cert.pem')), key: await readFile(bundle.file('key.pem')) }
  const manager = { host: view.segments[0].address, port: 2376, ...identity, agent: new https.Agent({ keepAlive: true, maxSockets: 1, ...identity }) }
  const rows = []
  for (const [label, url] of [['`_ping`', '/_ping'], ['`containers/json`', '/containers/json'], ['`info`', '/info'], ['inspect', '/containers/one/json']]) {
    const direct = await timed(http, bare, url)
    const through = await timed(https, manager, url)
    rows.push({ label, direct, through })
  }
  print()
  print('## What manager and agent add')
  print()
  print('One keep-alive connection, one call after another: dockerd\'s bare unix socket against the manager\'s 2376 with mutual TLS, from this machine. Microseconds.')
  print()
  print('| call | bare p50 | bare p99 | manager p50 | manager p99 | added p50 | added p99 |')
  print('|---|---|---|---|---|---|---|')
  const us = (ms) => `${Math.round(ms * 1000)}`
  for (const { label, direct, through } of rows) {
    const d50 = at(direct, 0.5), d99 = at(direct, 0.99), t50 = at(through, 0.5), t99 = at(through, 0.99)
    print(`| ${label} | ${us(d50)} | ${us(d99)} | ${us(t50)} | ${us(t99)} | ${us(t50 - d50)} | ${us(t99 - d99)} |`)
  }
  const inspect = rows.at(-1)
  const added50 = at(inspect.through, 0.5) - at(inspect.direct, 0.5)
  const added99 = at(inspect.through, 0.99) - at(inspect.direct, 0.99)
  print()
  print(`Target for a call that goes to an engine: p50 ≤ 0.5 ms ${verdict(added50 <= 0.5)}, p99 ≤ 3 ms ${verdict(added99 <= 3)}. Targets for calls from the manager's own state (p50 µs): \`_ping\` 58, \`containers/json\` 61, \`info\` 107; this client, Node.js, is itself a good part of each figure.`)

  // --- memory and sizes ---------------------------------------------------------------------------------
  await docker.ok('rm -f one')
  await new Promise((resolve) => setTimeout(resolve, 5000))
  const usedSegment = await memory()
  const rss = async (word) => {
    const pid = (await machine.processes(node, '/swarm', word))[0]
    return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))[1]) * 1024
  }
  const [managerRss, agentRss] = [await rss('manage'), await rss('join')]
  const busyPanel = await panel.memory()
  print()
  print('## Memory')
  print()
  print('| what | here | target | |')
  print('|---|---|---|---|')
  print(`| a new segment, its memory cgroup without page cache | ${mib(idleSegment)} | ≤ 60 MiB | ${verdict(idleSegment <= 60 * 2 ** 20)} |`)
  print(`| the same one idle again after the calls above | ${mib(usedSegment)} | | |`)
  print(`| \`swarm manage\` resident | ${mib(managerRss)} | ≤ 12 MiB | ${verdict(managerRss <= 12 * 2 ** 20)} |`)
  print(`| \`swarm join\` resident | ${mib(agentRss)} | ≤ 12 MiB | ${verdict(agentRss <= 12 * 2 ** 20)} |`)
  print(`| the panel resident, just started | ${mib(idlePanel)} | ≤ 40 MiB | ${verdict(idlePanel <= 40 * 2 ** 20)} |`)
  print(`| the panel resident, after ${3 * runs + 1} clusters | ${mib(busyPanel)} | | |`)

  print()
  print("A segment's memory is that of dockerd and containerd, whose Go heaps grow with use and are given back slowly; Swarm mode adds about 10 MiB. Both run with `GOGC=30`, chosen by trying: private memory of both together, of the segment image's versions in swarm mode, 10 s after the start / after 15 containers, a build with 60 MB of context and 600 lists: 42.5 / 76.7 MiB with Go's own 100, 41.6 / 62.1 MiB with 50, 39.4 / 55.0 MiB with 30; processor time for all of it 8.7, 7.9 and 8.6 s, so less than the noise apart.")

  // --- many -----------------------------------------------------------------------------------------
  const many = await manySegments(Math.max(20, calls / 20))
  print()
  print(`## A panel with ${many.segments} segments`)
  print()
  print(`Simulated segments of one person; pages as the server answers them, over one connection on this machine, with this client in it. Target: 20 ms (p50). Resident: ${mib(many.resident)}, target ≤ 120 MiB, ${verdict(many.resident <= 120 * 2 ** 20)}.`)
  print()
  print('| page | p50 | p99 | |')
  print('|---|---|---|---|')
  const ms = (n) => `${n.toFixed(1)} ms`
  for (const [page, times] of Object.entries(many.pages)) {
    print(`| \`${page}\` | ${ms(median(times))} | ${ms(at(times, 0.99))} | ${verdict(median(times) < 20)} |`)
  }

  const size = async (file) => (await stat(path.join(target, file))).size
  const triple = 'x86_64-unknown-linux-gnu/static'
  const swarm = await size(`${triple}/swarm`)
  let page = 0
  for (const file of ['carina_bg.wasm', 'carina.js']) page += await size(`site/pkg/${file}.br`)
  print()
  print('## Sizes')
  print()
  print('| what | bytes | target | |')
  print('|---|---|---|---|')
  print(`| \`swarm\`, static | ${mb(swarm)} | ≤ 12 MB | ${verdict(swarm <= 12e6)} |`)
  print(`| \`segment-hook\` / \`segment-init\`, static | ${mb(await size(`${triple}/segment-hook`))} / ${mb(await size(`${triple}/segment-init`))} | | |`)
  print(`| \`carina\` | ${mb((await stat(carina)).size)} | | |`)
  print(`| wasm, raw | ${mb(await size('site/pkg/carina_bg.wasm'))} | | |`)
  print(`| wasm + js, brotli | ${mb(page)} | ≤ 300 kB | ${verdict(page <= 300e3)} |`)

  await writeFile(path.join(root, 'docs/benchmarks.md'), report.join('\n') + '\n')

  // --- helpers that need all of the above --------------------------------------------------------------
  async function creation(segments, times) {
    const worked = await processors()
    const from = performance.now()
    const since = () => performance.now() - from
    const name = `bench-${segments}-${times.run.length + 1}`
    const id = await person.create(name, segments)
    made.push(id)
    const zip = await until('a bundle', () => person.bundle(id), { timeout: 60_000, every: 10 })
    const bundle = await unzip(zip, name)
    const docker = await bundle.docker()
    // Asked without the docker client, whose start alone takes a tenth of a second of a processor.
    await until('the endpoint', () => answers(bundle, docker.env.DOCKER_HOST), { timeout: 60_000, every: 10 })
    await docker.ok('version')
    times.endpoint.push(since())
    await docker.ok(['import', image, 'busybox:latest'])
    await docker.ok('run --rm busybox /bin/true')
    times.run.push(since())
    const now = await processors()
    times.busy.push(now.busy - worked.busy)
    times.stolen.push(now.stolen - worked.stolen)
    const view = await until('active', async () => { const c = await person.cluster(id); return c.phase === 'active' && c }, { timeout: 60_000, every: 20 })
    const ended = view.operations.find((operation) => operation.kind === 'create')
    times.active.push(ended?.ended_at ? ended.ended_at - ended.started_at : since())
    for (const step of view.steps) if (step.took_ms != null) (times.steps[step.label] ??= []).push(step.took_ms)
    const boots = await Promise.all(view.segments.map((segment) => machine.boot(`${id}-n${segment.ordinal}`)))
    for (const { name } of boots[0]) {
      const slowest = Math.max(...boots.map((boot) => boot.find((part) => part.name === name)?.at_ms ?? 0))
      ;(times.boot[name] ??= []).push(slowest)
    }
    await person.call('cluster_delete', { id, confirm_name: name })
    await until('it is gone', async () => !(await person.call('cluster_list')).some((one) => one.id === id), { timeout: 60_000 })
    await bundle.remove()
    console.error(`  ${segments} segment(s), run ${times.run.length}: ${s(times.run.at(-1))}`)
  }

  // Milliseconds since the start of the machine, of all cores: /proc/stat counts hundredths of a second.
  async function processors() {
    const line = (await readFile('/proc/stat', 'utf8')).split('\n', 1)[0]
    const [user, nice, system, , , irq, softirq, stolen] = line.split(/\s+/).slice(1).map((n) => Number(n) * 10)
    return { busy: user + nice + system + irq + softirq, stolen }
  }

  async function unzip(bytes, name) {
    const file = path.join(dir, `${name}.zip`)
    await writeFile(file, bytes)
    return Bundle.unzip(file)
  }

  async function answers(bundle, dockerHost) {
    const { hostname: host, port } = new URL(dockerHost.replace('tcp:', 'https:'))
    const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map((name) => readFile(bundle.file(name))))
    return new Promise((resolve) => {
      const request = https.get({ host, port, ca, cert, key, agent: false, path: '/_ping', timeout: 5000 }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode === 200))
      })
      request.on('error', () => resolve(false)).on('timeout', () => request.destroy())
    })
  }

  async function timed(client, options, url) {
    const times = []
    for (let k = 0; k < calls + 100; k++) {
      const from = performance.now()
      await new Promise((resolve, reject) => {
        const request = client.get({ ...options, path: url }, (answer) => {
          if (answer.statusCode !== 200) reject(new Error(`${url}: ${answer.statusCode}`))
          answer.resume().on('end', resolve)
        })
        request.on('error', reject)
      })
      if (k >= 100) times.push(performance.now() - from)
    }
    options.agent.destroy()
    return times
  }
} finally {
  await panel?.remove({ clusters: made })
  await rm(dir, { recursive: true, force: true })
}
