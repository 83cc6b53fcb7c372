// A panel with a thousand segments: what its pages take, and its memory. The segments are simulated, since
// they are not what is measured.
import { Panel } from './panel.mjs'
import { until } from './run.mjs'
import { Session } from './session.mjs'

const CLUSTERS = 334

/** Resident bytes, and of each page all times in milliseconds, as the server answers on this machine. */
export async function manySegments(calls) {
  const panel = await Panel.start({
    host: 'sim', pool: '10.64.0.0/14', idBase: 29_000 * 65_536, ports: CLUSTERS + 10,
    more: { hosts: 'boot_ms = 0' }, config: `\n[quota]\nclusters = ${CLUSTERS}\n`,
  })
  try {
    const person = new Session(panel)
    await person.setUp(panel.setupLink)
    let id
    for (let n = 0; n < CLUSTERS; n++) id = await person.create(`c-${n}`, 3)
    await until('all are active', async () => {
      const all = await person.call('cluster_list')
      return all.length === CLUSTERS && all.every((one) => one.phase === 'active')
    }, { timeout: 300_000, every: 2000 })
    const pages = {}
    for (const path of ['/clusters', '/clusters?page=14', `/clusters/${id}`, '/clusters/new', '/hosts', '/audit']) {
      const times = []
      for (let k = 0; k < calls + 10; k++) {
        const from = performance.now()
        await person.read(path)
        if (k >= 10) times.push(performance.now() - from)
      }
      pages[path.replace(id, 'ID')] = times
    }
    // Samples of all of them were taken meanwhile.
    return { segments: CLUSTERS * 3, pages, resident: await panel.memory() }
  } finally {
    await panel.remove()
  }
}
