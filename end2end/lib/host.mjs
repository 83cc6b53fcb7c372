// This machine as a host: what is on it, and breaking things on purpose.
import http from 'node:http'
import { existsSync } from 'node:fs'
import { readFile, readdir, rename } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { carina } from './panel.mjs'
import { ok, run } from './run.mjs'

const virsh = (...args) => ok('virsh', ['-q', '-c', 'lxc:///', ...args])

/** Names of all defined domains of one cluster. */
export async function segments(cluster) {
  const names = (await virsh('list', '--all', '--name')).split('\n').filter(Boolean)
  return names.filter((name) => name.startsWith(`${cluster}-n`))
}

/** Everything on this host that carries the cluster's id: what must be gone after a delete. */
export async function traces(cluster) {
  const found = []
  for (const name of await segments(cluster)) found.push(`domain ${name}`)
  for (const line of (await readFile('/proc/mounts', 'utf8')).split('\n')) {
    if (line.includes(cluster)) found.push(`mount ${line.split(' ')[1]}`)
  }
  const loops = await ok('losetup', ['-n', '-O', 'NAME,BACK-FILE'])
  for (const line of loops.split('\n')) if (line.includes(cluster)) found.push(`loop ${line}`)
  const networks = await virsh('net-list', '--all', '--name')
  for (const name of networks.split('\n')) if (name.includes(cluster)) found.push(`network ${name}`)
  const pools = await run('virsh', ['-q', '-c', 'lxc:///', 'vol-list', 'carina'])
  for (const line of pools.stdout.split('\n')) if (line.includes(cluster)) found.push(`volume ${line.trim()}`)
  return found
}

/** A segment dies as by a power cut. */
export const segmentDestroy = (node) => virsh('destroy', node)
/** As libvirt does by itself when the host comes up. */
export const segmentStart = (node) => virsh('start', node)

/** Host process ids whose command line holds all the words, inside one segment's cgroup. */
export async function processes(node, ...words) {
  const found = []
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    try {
      const cgroup = await readFile(`/proc/${pid}/cgroup`, 'utf8')
      // libvirt shortens long names in the cgroup's path; the cluster id's beginning stays.
      if (!cgroup.includes(node.slice(0, 18)) && !cgroup.includes('lxc-')) continue
      const line = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
      if (!words.every((word) => line.some((part) => part.includes(word)))) continue
      if ((await hostname(pid)) === node) found.push(Number(pid))
    } catch {
      // It ended while we looked.
    }
  }
  return found
}

/** The host name that a process sees: the node's, for everything in a segment. */
async function hostname(pid) {
  const { stdout } = await run('nsenter', ['-t', pid, '-u', 'hostname'])
  return stdout.trim()
}

/** kill -9, by pid. */
export const kill = (pids) => pids.forEach((pid) => process.kill(pid, 'SIGKILL'))

/** What happened when while a segment started, as its PID 1 tells it: `{ name, at_ms }` in order. */
export async function boot(node) {
  const [dockerd] = await processes(node, 'dockerd')
  const socketPath = `/proc/${dockerd}/root/run/carina/init.sock`
  const answer = await new Promise((resolve, reject) => {
    http.get({ socketPath, path: '/carina/v1/status' }, resolve).on('error', reject)
  })
  return JSON.parse(await text(answer)).boot
}

/** libvirtd's own pid. */
export async function libvirtd() {
  const { stdout } = await run('pidof', ['libvirtd'])
  return stdout.trim().split(' ').filter(Boolean).map(Number)
}

const door = '/run/libvirt/libvirt-sock'

/** Nobody reaches libvirtd any more, also where it is started again by itself; what it runs goes on. */
export async function libvirtdAway() {
  await rename(door, `${door}.away`)
  kill(await libvirtd())
}

/** As it was, whoever left it away. */
export async function libvirtdBack() {
  if (!existsSync(`${door}.away`)) return
  await rename(`${door}.away`, door)
  await ok(carina, ['host', 'prepare'], { timeout: 60_000 })
}

/** Memory in use of a segment's cgroup in bytes, page cache not counted. */
export async function segmentMemory(node) {
  const line = await virsh('dommemstat', node).catch(() => '')
  const rss = /rss (\d+)/.exec(line)
  return rss ? Number(rss[1]) * 1024 : null
}
