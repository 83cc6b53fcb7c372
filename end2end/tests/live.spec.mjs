// The product on real segments, by the plain docker client: everything that the service's own words
// promise, everything it must refuse, and everything that may die.
import { expect } from '@playwright/test'
import { readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Docker, dockerTar } from '../lib/docker.mjs'
import { garbage } from '../lib/garbage.mjs'
import * as machine from '../lib/host.mjs'
import { Live, serialOf, test } from '../lib/live.mjs'
import { account, carina } from '../lib/panel.mjs'
import { ok, run, target, until } from '../lib/run.mjs'

test.describe.configure({ mode: 'serial', timeout: 180_000 })

let live, cluster, bundle, docker, addresses
let failed = false

test.beforeAll(async ({ browser }) => {
  test.setTimeout(300_000)
  live = await Live.start(browser)
})
test.afterEach(({}, info) => { failed ||= info.status !== info.expectedStatus })
test.afterAll(async () => {
  test.setTimeout(120_000)
  await live?.end(failed)
})

const node = (k) => `${cluster}-n${k}`

/** Addresses of the segments, as `docker info` tells them. */
async function nodesInInfo(client = docker) {
  const info = await client.ok('info')
  return { info, found: [...info.matchAll(/([0-9a-f-]{36}-n\d+): (\d+\.\d+\.\d+\.\d+):(\d+)/g)].map((m) => ({ node: m[1], address: m[2], port: m[3] })) }
}

/** Waits until every manager's `docker info` shows this many healthy segments: after a start they come
 *  to know each other one by one. */
const healthy = (n) => until(`${n} segments healthy`, async () => {
  const { found } = await nodesInInfo()
  if (found.length !== n) return false
  for (const { address } of found) {
    const { info } = await nodesInInfo(await bundle.docker(`tcp://${address}:2376`))
    if ((info.match(/Status: Healthy/g) ?? []).length !== n) return false
  }
  return true
  // An engine in Docker's swarm mode gives no info for up to 20 s while it looks for its manager.
}, { timeout: 60_000 })

// --- the way in ---------------------------------------------------------------------------------

test('the set-up link makes the first account, once', async () => {
  const { person, panel } = live
  await person.setUp()
  const again = await person.page.goto(panel.setupLink)
  expect(await again.text()).not.toContain('Create the account')
  await person.signOut()
  await person.signIn()
  await expect(person.heading('Clusters')).toBeVisible()
})

test('a cluster of one segment is active within seconds', async () => {
  const from = performance.now()
  cluster = await live.deploy('first', 1)
  await live.person.status(cluster)
  const ms = performance.now() - from
  test.info().annotations.push({ type: 'active after', description: `${Math.round(ms)} ms` })
  expect(ms).toBeLessThan(15_000)
})

test('the bundle has what each shell needs', async () => {
  bundle = await live.bundle(cluster)
  expect(bundle.name).toBe('first.zip')
  const listing = await ok('unzip', ['-Z1', bundle.zip])
  const files = listing.split('\n').filter((line) => !line.endsWith('/')).sort()
  const expected = ['README.md', 'ca.pem', 'cert.pem', 'docker.cmd', 'docker.env', 'docker.fish', 'docker.ps1', 'first.dockercontext', 'key.pem']
  expect(files).toEqual(expected.map((name) => `first/${name}`).sort())
  expect((await stat(bundle.file('key.pem'))).mode & 0o777).toBe(0o600)

  const text = await readFile(bundle.file('docker.env'), 'utf8')
  expect(text.endsWith('\n')).toBe(true)
  expect(text).toMatch(/^export DOCKER_HOST=tcp:\/\/[^"' \n]+$/m)
  for (const shell of ['bash', 'zsh']) {
    const env = await bundle.environment(shell, '/usr')
    expect(env.DOCKER_CERT_PATH, shell).toBe(bundle.folder)
    expect(env.DOCKER_TLS_VERIFY, shell).toBe('1')
  }
  // By a relative path, from the folder beside it: the usual way.
  const relative = await ok('bash', ['-c', 'source first/docker.env && echo $DOCKER_CERT_PATH'], { cwd: bundle.dir })
  expect(relative).toBe(bundle.folder)
})

test('docker answers through the bundle, and through an imported context', async () => {
  docker = await bundle.docker()
  const { info, found } = await nodesInInfo()
  expect(info).toContain('Strategy: spread')
  expect(info).toMatch(/Nodes: 1\b/)
  expect(found).toHaveLength(1)
  expect(found[0]).toMatchObject({ node: node(1), port: '42376' })
  const version = await docker.ok('version')
  expect(version).toContain('swarm/')

  const config = path.join(bundle.dir, 'context-config')
  await ok('docker', ['context', 'import', 'first', bundle.file('first.dockercontext')], { env: { DOCKER_CONFIG: config } })
  const names = await run('docker', ['--context', 'first', 'info', '--format', '{{.Name}}'], { env: { DOCKER_CONFIG: config, DOCKER_HOST: '' } })
  expect(names.code, names.out).toBe(0)
})

test('the one-line command fetches a bundle once', async () => {
  const { page } = live.person
  await live.person.go(`/clusters/${cluster}/access`)
  await page.getByRole('button', { name: 'Make the command' }).click()
  const line = await page.locator('[data-tab="bash"]').getByLabel('The command').inputValue()
  const cwd = path.join(live.dir)
  const env = { DOCKER_CONFIG: path.join(live.dir, 'config') }
  const first = await run('bash', ['-c', `${line} && docker ps -q && ls -l first`], { cwd, env })
  expect(first.code, first.out).toBe(0)
  expect((await run('bash', ['-c', line], { cwd, env })).code).not.toBe(0)
})

// --- the words of the service -------------------------------------------------------------------

test('an image is imported and a container runs', async () => {
  await docker.ok(['import', await live.busybox(), 'busybox:latest'])
  expect(await docker.ok(['run', '--rm', 'busybox', '/bin/echo', 'hello from a segment'])).toBe('hello from a segment')
  expect(await docker.ok('images --format {{.Repository}}:{{.Tag}}')).toContain('busybox:latest')
})

test('the discovery token is in the manager\'s command, and swarm lists the segments by it', async () => {
  const line = await docker.shell(`docker inspect -f "{{index .Config.Cmd 6}}" $(docker ps -aq -f name=swarm-manager -n 1)`)
  expect(line.code, line.out).toBe(0)
  const token = line.stdout.trim()
  expect(token).toMatch(/^token:\/\/.+\/v1\/[0-9a-f]{32}$/)
  const swarm = path.join(target, 'x86_64-unknown-linux-gnu/static/swarm')
  const authority = await live.panel.command('admin', 'discovery-ca')
  expect(authority.code, authority.out).toBe(0)
  const pem = path.join(live.dir, 'panel-ca.pem')
  await ok('tee', [pem], { input: authority.stdout })
  const { found } = await nodesInInfo()
  const list = await run(swarm, ['list', token], { env: { SSL_CERT_FILE: pem } })
  expect(list.code, list.out).toBe(0)
  expect(list.stdout.trim().split('\n')).toEqual(found.map((one) => `${one.address}:42376`))
})

/** `docker ARGS...` at a manager, in a container on the segment `k`, with what swarm-data shows there. */
const fromInside = (k, address, ...args) => docker.run(['run', '--rm', '--volumes-from', 'swarm-data', '-e', `constraint:node==*-n${k}`,
  '-e', 'DOCKER_CONFIG=/tmp', '-e', 'DOCKER_TLS_VERIFY=1', '-e', `DOCKER_HOST=tcp://${address}:2376`, 'docker-client', '/bin/docker',
  '--tlscacert=/etc/docker/ca.pem', '--tlscert=/etc/docker/server-cert.pem', '--tlskey=/etc/docker/server-key.pem', ...args])

test('swarm-data shows the certificates, and they open the manager from a container alone', async () => {
  const shown = await docker.ok(['run', '--rm', '--volumes-from', 'swarm-data', 'busybox', '/bin/sh', '-c',
    'ls /etc/docker && cat /etc/docker/ca.pem'])
  for (const file of ['ca.pem', 'server-cert.pem', 'server-key.pem']) expect(shown).toContain(file)
  expect(shown).toContain((await readFile(bundle.file('ca.pem'), 'utf8')).trim())
  const { found } = await nodesInInfo()
  await docker.ok(['import', await dockerTar(live.dir), 'docker-client:latest'])
  const inside = await fromInside(1, found[0].address, 'ps', '-a', '--format', '{{.Names}}')
  expect(inside.code, inside.out).toBe(0)
  expect(inside.stdout).toContain(`${node(1)}/swarm-manager`)
  // Carried out, the same pair opens neither the front door, nor the segment, nor an engine.
  const key = await docker.ok(['run', '--rm', '--volumes-from', 'swarm-data', 'busybox', '/bin/cat', '/etc/docker/server-key.pem'])
  const cert = await docker.ok(['run', '--rm', '--volumes-from', 'swarm-data', 'busybox', '/bin/cat', '/etc/docker/server-cert.pem'])
  const dir = path.join(live.dir, 'server-identity')
  await ok('bash', ['-c', `mkdir -p ${dir} && cp ${bundle.file('ca.pem')} ${dir}/ca.pem`])
  await ok('tee', [path.join(dir, 'key.pem')], { input: key + '\n' })
  await ok('tee', [path.join(dir, 'cert.pem')], { input: cert + '\n' })
  const outside = new Docker({ ...docker.env, DOCKER_CERT_PATH: dir })
  for (const host of [docker.env.DOCKER_HOST, `tcp://${found[0].address}:2376`, `tcp://${found[0].address}:42376`]) {
    const refused = await outside.run('ps -q', { env: { DOCKER_HOST: host } })
    expect(refused.code, `${host}: ${refused.out}`).not.toBe(0)
  }
  expect(await (await bundle.docker(`tcp://${found[0].address}:2376`)).ok('ps -q')).toBe('')
})

test('the management containers are hidden from ps and shown by ps -a', async () => {
  expect(await docker.ok('ps -q')).toBe('')
  const all = await docker.ok('ps -a --format {{.Names}}')
  for (const name of ['swarm-manager', 'swarm-agent', 'swarm-data']) expect(all).toContain(`${node(1)}/${name}`)
  const removal = await docker.run('rm -f swarm-agent')
  expect(removal.code).not.toBe(0)
  expect(removal.out).toContain('CARINA-1005')
})

const refusals = [
  ['--privileged', 'CARINA-1001'],
  ['--cap-add NET_ADMIN', 'CARINA-1003'],
  ['--cap-add ALL', 'CARINA-1003'],
  ['--cap-drop MKNOD', 'CARINA-1004'],
  ['-v /etc:/host', 'CARINA-1002'],
  ['-v /:/host:ro', 'CARINA-1002'],
  ['-v /var/run/docker.sock:/var/run/docker.sock', 'CARINA-1002'],
  ['--mount type=bind,source=/etc,target=/host', 'CARINA-1002'],
  ['--security-opt apparmor=unconfined', 'CARINA-1000'],
  ['--security-opt seccomp=unconfined', 'CARINA-1000'],
  ['--ipc host', 'CARINA-1006'],
  ['--pid host', 'CARINA-10'],
  ['--uts host', 'CARINA-10'],
  ['--userns host', 'CARINA-10'],
  ['--network host', 'CARINA-10'],
  ['--cgroupns host', 'CARINA-10'],
  ['--device /dev/kmsg', 'CARINA-10'],
  ['--cgroup-parent /x', 'CARINA-10'],
]
for (const [flags, code] of refusals) {
  test(`refused: docker run ${flags}`, async () => {
    const result = await docker.run(['run', '--rm', ...flags.split(' '), 'busybox', '/bin/true'])
    expect(result.code, result.out).not.toBe(0)
    expect(result.out).toContain(code)
  })
}

test('what was refused stands in the audit, with who and by which rule', async () => {
  // Managers gather for some seconds.
  const { page } = live.person
  await until('the audit has it', async () => {
    await page.goto(`${live.panel.origin}/audit?action=docker_refused`)
    const rows = await page.getByRole('row').allTextContents()
    return rows.some((row) => row.includes(account.name) && /CARINA-1001: POST .*containers\/create/.test(row))
  }, { timeout: 20_000 })
})

// --- three segments -----------------------------------------------------------------------------

test('growing to three keeps what runs', async () => {
  await docker.ok('run -d --name keeper busybox /bin/sleep 100000')
  await live.person.scale(cluster, 3)
  await live.person.status(cluster)
  await healthy(3)
  const { found } = await nodesInInfo()
  addresses = found.map((one) => one.address)
  expect(found.map((one) => one.node)).toEqual([node(1), node(2), node(3)])
  expect(new Set(addresses).size).toBe(3)
  expect(await docker.ok('ps --format {{.Names}}')).toBe(`${node(1)}/keeper`)
})

test('spread puts containers where there are fewest', async () => {
  await docker.ok(['import', await live.busybox(), 'busybox:latest'])
  for (const name of ['c1', 'c2', 'c3']) await docker.ok(`run -d --name ${name} busybox /bin/sh -c ${'while true; do echo tick; sleep 1; done'.replaceAll(' ', '\u00a0')}`.split(' ').map((word) => word.replaceAll('\u00a0', ' ')))
  const placed = await docker.placement()
  expect(new Set([placed.c1, placed.c2]).size).toBe(2)
  expect([node(2), node(3)]).toContain(placed.c1)
  expect([node(2), node(3)]).toContain(placed.c2)
})

test('the certificates of swarm-data open every manager from every segment', async () => {
  for (const k of [1, 2, 3]) {
    for (const address of addresses) {
      const inside = await fromInside(k, address, 'version', '--format', '{{.Server.Version}}')
      expect(inside.code, `${node(k)} at ${address}: ${inside.out}`).toBe(0)
    }
  }
  await docker.ok('rmi docker-client')
})

test('one container, every command', async () => {
  expect(await docker.ok('exec c1 /bin/echo inside')).toBe('inside')
  const terminal = await docker.shell(`script -qec "docker exec -it c1 /bin/sh -c 'tty && echo on a terminal'" /dev/null`, { input: '' })
  expect(terminal.out).toContain('on a terminal')
  expect(await docker.ok(['exec', '-i', 'c1', '/bin/cat'], { input: 'through standard input' })).toBe('through standard input')
  expect(await docker.ok('logs --tail 1 c1')).toBe('tick')
  const follow = await docker.run('logs -f c1', { timeout: 2500 })
  expect(follow.stdout.match(/tick/g).length).toBeGreaterThan(1)
  const inspected = JSON.parse(await docker.ok('inspect c1'))[0]
  expect(inspected.Node.Name).toBe((await docker.placement()).c1)
  expect(addresses).toContain(inspected.Node.IP)
  expect(inspected.State.Status).toBe('running')
  expect(await docker.ok('top c1')).toContain('sleep')
  expect(await docker.ok('stats --no-stream --format {{.MemUsage}} c1')).toMatch(/MiB|KiB/)
  await docker.ok(['cp', bundle.file('README.md'), 'c1:/tmp/readme'])
  expect(await docker.ok('exec c1 /bin/cat /tmp/readme')).toBe((await readFile(bundle.file('README.md'), 'utf8')).trim())
  expect(await docker.ok('diff c1')).toContain('/tmp/readme')
  await docker.ok('pause c1')
  expect(await docker.ok('ps -a --format {{.Status}} -f name=c1')).toContain('Paused')
  await docker.ok('unpause c1')
  await docker.ok('stop -t 1 c1')
  expect(await docker.ok('ps -a --format {{.Status}} -f name=c1')).toContain('Exited')
  await docker.ok('start c1')
  await docker.ok('restart -t 1 c1')
  await docker.ok('rename c1 renamed')
  expect((await docker.run('rename renamed c2')).out).toContain('Conflict')
  await docker.ok('kill renamed')
  expect(await docker.ok('wait renamed')).toBe('137')
  await docker.ok('rm renamed')
  expect((await docker.run('inspect --type container renamed')).code).not.toBe(0)
})

test('names are unique over all segments', async () => {
  const again = await docker.run('run -d --name c2 busybox /bin/true')
  expect(again.code).not.toBe(0)
  expect(again.out).toContain('Conflict')
})

test('constraints, affinities and dependencies place containers', async () => {
  const placedOn = async (name) => (await docker.placement())[name]
  await docker.ok(`run -d --name pinned -e constraint:node==*-n2 busybox /bin/sleep 100000`)
  expect(await placedOn('pinned')).toBe(node(2))
  const env = await docker.ok(['inspect', '-f', '{{.Config.Env}}', 'pinned'])
  expect(env).not.toContain('constraint')
  await docker.ok(`run -d --name beside -e affinity:container==pinned busybox /bin/sleep 100000`)
  expect(await placedOn('beside')).toBe(node(2))
  await docker.ok(`run -d --name apart -e affinity:container!=pinned busybox /bin/sleep 100000`)
  expect(await placedOn('apart')).not.toBe(node(2))
  await docker.ok('run -d --name data -v /data busybox /bin/sleep 100000')
  await docker.ok('run -d --name user --volumes-from data busybox /bin/sleep 100000')
  expect(await placedOn('user')).toBe(await placedOn('data'))
  await docker.ok('run -d --name linked --link pinned:p busybox /bin/sleep 100000')
  expect(await placedOn('linked')).toBe(node(2))
  await docker.ok('run -d --name joined --net container:pinned busybox /bin/sleep 100000')
  expect(await placedOn('joined')).toBe(node(2))
  const nowhere = await docker.run('run -d -e constraint:node==*-n9 busybox /bin/true')
  expect(nowhere.code).not.toBe(0)
  expect(nowhere.out).toContain('node==*-n9')
  await docker.ok('rm -f pinned beside apart data user linked joined')
})

test('a published port goes to as many containers as there are segments', async () => {
  for (const name of ['w1', 'w2', 'w3']) await docker.ok(`run -d --name ${name} -p 8080:80 busybox /bin/busybox httpd -f -p 80 -h /www`)
  const placed = await docker.placement()
  expect(new Set([placed.w1, placed.w2, placed.w3]).size).toBe(3)
  const fourth = await docker.run('run -d --name w4 -p 8080:80 busybox /bin/true')
  expect(fourth.code).not.toBe(0)
  expect(fourth.out).toContain('8080')
  for (const address of addresses) {
    await until(`http on ${address}`, async () => (await (await fetch(`http://${address}:8080/`)).text()).includes('carina test page'))
  }
  expect(await docker.ok('port w1 80')).toContain(`:8080`)
  await docker.ok('rm -f w1 w2 w3')
})

test('containers on an attachable overlay find each other by name across segments', async () => {
  await docker.ok('network create --driver overlay --attachable mesh')
  await docker.ok('run -d --name near --network mesh -e constraint:node==*-n1 busybox /bin/busybox httpd -f -p 80 -h /www')
  // nc, not wget: a static busybox cannot resolve names in its wget.
  const far = await docker.run(['run', '--rm', '--network', 'mesh', '-e', 'constraint:node==*-n3', 'busybox',
    '/bin/sh', '-c', 'printf "GET / HTTP/1.0\\r\\n\\r\\n" | nc -w 5 near 80'])
  expect(far.out).toContain('carina test page')
  await docker.ok('rm -f near')
  await until('the network goes', async () => (await docker.run('network rm mesh')).code === 0)
})

test('a service answers by its virtual address, and by its port on every segment, each task in turn', async () => {
  await docker.ok('network create --driver overlay --attachable front')
  await docker.ok(['service', 'create', '--detach', '--name', 'web', '--network', 'front', '--replicas', '2', '--publish', '8081:80',
    'busybox', '/bin/sh', '-c', 'mkdir -p /tmp/w && hostname >/tmp/w/index.html && exec httpd -f -p 80 -h /tmp/w'])
  const both = (answers) => new Set(answers.filter(Boolean)).size === 2
  await until('the service runs', async () => (await docker.ok('service ls --format {{.Replicas}}')).includes('2/2'), { timeout: 90_000 })
  for (const address of addresses) {
    const ask = () => fetch(`http://${address}:8081/`).then((answer) => answer.text(), () => '')
    await until(`both tasks on ${address}`, async () => both([await ask(), await ask(), await ask(), await ask()]), { timeout: 20_000 })
  }
  for (const k of [1, 2, 3]) {
    const inside = await docker.ok(['run', '--rm', '--network', 'front', '-e', `constraint:node==*-n${k}`, 'busybox', '/bin/sh', '-c',
      'for i in 1 2 3 4; do printf "GET / HTTP/1.0\\r\\n\\r\\n" | nc -w 5 web 80 | tail -n 1; done'])
    expect(both(inside.split('\n').map((line) => line.trim())), `from n${k}: ${inside}`).toBe(true)
  }
  await docker.ok('service rm web')
  for (const address of addresses) {
    await until(`nothing answers on ${address}`, () => fetch(`http://${address}:8081/`).then(() => false, () => true))
  }
  await until('the network goes', async () => (await docker.run('network rm front')).code === 0)
})

test('a compose file deployed in the panel runs on the segments, and is removed there', async () => {
  const { page } = live.person
  const field = page.locator('textarea[name=text]')
  const deploy = (text) => field.fill(text).then(() => page.getByRole('button', { name: 'Deploy the stack' }).click())
  const file = (port, motto = 'one') => `services:
  web:
    image: busybox
    command: [/bin/busybox, httpd, -f, -p, "80", -h, /www]
    hostname: counter
    tmpfs: /scratch
    healthcheck: { test: [CMD, /bin/sh, -c, "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc 127.0.0.1 80"], interval: 1s, timeout: 5s }
    ports: ["${port}:80"]
    volumes: ["pages:/data"]
    configs: [{ source: motto, target: /etc/motto }]
    secrets: [word]
    deploy:
      replicas: 2
      placement: { constraints: ["node.hostname != ${node(1)}"], max_replicas_per_node: 1 }
      resources: { limits: { memory: 64m } }
      update_config: { order: stop-first, parallelism: 2 }
volumes: { pages: }
configs: { motto: { content: "${motto}" } }
secrets: { word: { external: true } }
`
  await live.person.go(`/clusters/${cluster}/stacks/new`)
  await page.getByLabel('Name of the stack').fill('shop')
  await deploy(file(2376))
  await expect(page.locator('main')).toContainText('2376')
  // What is not there is told before anything is made.
  await deploy(file(8082))
  await expect(page.locator('main')).toContainText('The cluster has no secret “word”')
  const word = path.join(bundle.dir, 'word')
  await writeFile(word, 'hush')
  await docker.ok(['secret', 'create', 'word', word])
  await deploy(file(8082))
  await expect(page.getByRole('status')).toContainText('Deployed: 1 service made')
  await until('both tasks are healthy', async () => {
    const names = await docker.ok('ps --filter name=shop_web --filter health=healthy --format {{.Names}}')
    return names.split('\n').filter(Boolean).length === 2
  }, { timeout: 90_000 })
  const names = await docker.ok('ps --filter name=shop_web --format {{.Names}}')
  expect(names.split('\n').map((name) => name.split('/')[0]).sort()).toEqual([node(2), node(3)])
  const [one] = names.split('\n')
  const inside = 'hostname; cat /etc/motto /run/secrets/word; touch /data/x /scratch/x && echo " written"'
  expect(await docker.ok(['exec', one, '/bin/sh', '-c', inside])).toBe('counter\nonehush written')
  expect(await docker.ok(['inspect', '-f', '{{.HostConfig.Memory}}', one])).toBe(String(64 << 20))
  await live.person.go(`/clusters/${cluster}/stacks`)
  await expect(page.locator('main')).toContainText('2 of 2 run')
  // Another content is another config, and new tasks; the old one goes.
  await live.person.go(`/clusters/${cluster}/stacks/new`)
  await page.getByLabel('Name of the stack').fill('shop')
  await deploy(file(8082, 'two'))
  await expect(page.getByRole('status')).toContainText('1 service brought up to date')
  await until('new tasks have the new config', async () => {
    const ids = (await docker.ok('ps -q --filter name=shop_web')).split('\n').filter(Boolean)
    const said = await Promise.all(ids.map((id) => docker.run(['exec', id, '/bin/cat', '/etc/motto'])))
    return said.length > 0 && said.every(({ out }) => out.trim() === 'two')
  }, { timeout: 90_000 })
  expect((await docker.ok('config ls --format {{.Name}}')).split('\n')).toHaveLength(1)
  // Whoever used the cluster last, and when, stands beside the credentials.
  await until('the credentials were seen', async () => {
    await live.person.go(`/clusters/${cluster}/access`)
    return (await page.locator('td[data-label="Last seen"] time').count()) > 0
  }, { timeout: 90_000, every: 2000 })
  await live.person.go(`/clusters/${cluster}/stacks`)
  await page.locator('summary', { hasText: 'Remove' }).click()
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('The stack was removed')
  await until('its containers go', async () => (await docker.ok('ps -q --filter name=shop_web')) === '')
  await until('its volumes can go', async () => (await docker.run('volume rm shop_pages')).code === 0)
  await until('its configs are gone', async () => (await docker.ok('config ls -q')) === '')
  await docker.ok('secret rm word')
})

test('a segment drained in the panel takes no containers, until it does again', async () => {
  const { page } = live.person
  const drained = async () => {
    await live.person.go(`/clusters/${cluster}`)
    return page.locator('table.segments tbody tr', { hasText: 'drained' }).count()
  }
  await live.person.go(`/clusters/${cluster}/segments/2/replace`)
  await page.getByRole('button', { name: 'Drain' }).click()
  expect(await drained()).toBe(1)
  const pinned = await docker.run('create -e constraint:node==n2 busybox /bin/true')
  expect(pinned.code).not.toBe(0)
  expect(pinned.out).toContain('n2: it is drained')
  // Docker's own word for it ends it, and the panel hears of that.
  await docker.ok(`node update --availability active ${node(2)}`)
  await docker.ok('create --name again -e constraint:node==n2 busybox /bin/true')
  await docker.ok('rm again')
  await until('the panel has heard of it', async () => (await drained()) === 0, { timeout: 30_000, every: 1000 })
})

test('every segment\'s own address is an endpoint of the whole cluster', async () => {
  for (const address of addresses) {
    const direct = await bundle.docker(`tcp://${address}:2376`)
    expect(await direct.ok('ps --format {{.Names}}')).toContain('keeper')
    expect((await nodesInInfo(direct)).found).toHaveLength(3)
  }
  // A name is taken for all of them at once.
  const clients = await Promise.all(addresses.map((address) => bundle.docker(`tcp://${address}:2376`)))
  const results = await Promise.all(clients.map((client) => client.run('run -d --name race busybox /bin/sleep 100000')))
  expect(results.filter((result) => result.code === 0), results.map((r) => r.out).join('\n')).toHaveLength(1)
  await docker.ok('rm -f race')
})

// --- doors --------------------------------------------------------------------------------------

test('without a certificate, or with another cluster\'s, nothing opens', async () => {
  const second = await live.deploy('second', 1)
  await live.person.status(second)
  const stranger = await live.bundle(second)
  const frontDoor = docker.env.DOCKER_HOST
  for (const host of [frontDoor, ...addresses.map((address) => `tcp://${address}:2376`)]) {
    const client = await stranger.docker(host)
    // Its own authority would not accept our server: give it ours, so that only its certificate is foreign.
    const dir = path.join(live.dir, 'stranger')
    await ok('bash', ['-c', `mkdir -p ${dir} && cp ${stranger.folder}/{cert,key}.pem ${dir} && cp ${bundle.file('ca.pem')} ${dir}`])
    const result = await client.run('ps', { env: { DOCKER_CERT_PATH: dir } })
    expect(result.code, `${host}: ${result.out}`).not.toBe(0)
    const bare = await run('curl', ['-sk', '-m', '5', `${host.replace('tcp', 'https')}/_ping`])
    expect(bare.code).not.toBe(0)
  }
  for (const address of addresses) {
    // The client's certificate is for the manager; the engine's door has an authority of its own.
    const result = await docker.run('ps', { env: { DOCKER_HOST: `tcp://${address}:42376` } })
    expect(result.code).not.toBe(0)
  }
  await live.person.delete(second, 'second')
  await until('the second cluster leaves no trace', async () => (await machine.traces(second)).length === 0)
})

test('a revoked certificate is cut off at once', async () => {
  const lost = await live.bundle(cluster)
  const thief = await lost.docker()
  await thief.ok('ps')
  const watching = thief.run('events', { timeout: 30_000 })
  await live.person.revoke(cluster, await serialOf(lost.file('cert.pem')))
  await until('the revoked certificate is refused', async () => (await thief.run('ps')).code !== 0, { timeout: 10_000 })
  expect((await watching).ms).toBeLessThan(20_000)
  await docker.ok('ps')
})

test('garbage does no harm', async () => {
  const frontDoor = new URL(docker.env.DOCKER_HOST.replace('tcp', 'http'))
  await garbage(frontDoor.hostname, Number(frontDoor.port))
  for (const address of addresses) {
    for (const port of [2376, 42376]) await garbage(address, port)
  }
  await garbage('127.0.0.1', live.panel.discoveryPort)
  await garbage('127.0.0.1', live.panel.port)
  await docker.ok('ps')
  expect((await fetch(`${live.panel.origin}/healthz`)).ok).toBe(true)
})

// --- dying --------------------------------------------------------------------------------------

test('clusters go on without the panel, and it finds them again', async () => {
  await live.panel.kill()
  const direct = await bundle.docker(`tcp://${addresses[0]}:2376`)
  expect(await direct.ok(['run', '--rm', 'busybox', '/bin/echo', 'no panel needed'])).toBe('no panel needed')
  await live.panel.up()
  await live.person.status(cluster)
  await docker.ok('ps')
})

test('a killed manager and a killed agent come back', async () => {
  for (const role of ['manage', 'join']) {
    const pids = await machine.processes(node(1), '/swarm', role)
    expect(pids.length, role).toBeGreaterThan(0)
    machine.kill(pids)
    await until(`${role} is back`, async () => {
      const again = await machine.processes(node(1), '/swarm', role)
      return again.length > 0 && !again.some((pid) => pids.includes(pid))
    })
    await healthy(3)
  }
  const direct = await bundle.docker(`tcp://${addresses[0]}:2376`)
  await until('its endpoint answers', async () => (await direct.run('ps')).code === 0)
})

test('the endpoint survives the loss of a segment, and the segment comes back', async () => {
  await docker.ok('run -d --restart always --name phoenix -e constraint:node==*-n1 busybox /bin/sleep 100000')
  await machine.segmentDestroy(node(1))
  await until('the front door goes to another segment', async () => (await docker.run('ps', { timeout: 5000 })).code === 0, { timeout: 20_000 })
  await live.person.status(cluster, 'active', 60_000)
  await healthy(3)
  await until('its containers run again', async () => (await docker.ok('ps --format {{.Names}}')).includes('phoenix'))
  await docker.ok('rm -f phoenix')
})

test('a killed libvirtd takes nothing with it', async () => {
  machine.kill(await machine.libvirtd())
  expect(await docker.ok(['run', '--rm', 'busybox', '/bin/echo', 'still here'])).toBe('still here')
  // With systemd it is back by itself; elsewhere this is what starts it.
  await ok(carina, ['host', 'prepare'], { timeout: 60_000 })
  await until('libvirtd is back', async () => (await machine.libvirtd()).length > 0)
  expect(await machine.segments(cluster)).toHaveLength(3)
  await live.person.status(cluster)
})

test('every segment killed, with the panel away: the next round mends all', async () => {
  await live.panel.kill()
  for (const k of [1, 2, 3]) await machine.segmentDestroy(node(k))
  await live.panel.up()
  await live.person.status(cluster, 'active', 90_000)
  await healthy(3)
})

test('every segment started anew without the panel: they find each other by themselves', async () => {
  await live.panel.kill()
  for (const k of [1, 2, 3]) {
    await machine.segmentDestroy(node(k))
    await machine.segmentStart(node(k))
  }
  for (const address of addresses) {
    const client = await bundle.docker(`tcp://${address}:2376`)
    await until(`${address} knows all`, async () => {
      const { info, found } = await nodesInInfo(client)
      return found.length === 3 && info.match(/Status: Healthy/g)?.length === 3
    }, { timeout: 60_000 })
  }
  await live.panel.up()
  await live.person.status(cluster, 'active', 60_000)
})

// --- changing and going -------------------------------------------------------------------------

test('shrinking takes the newest segment and nothing else', async () => {
  await docker.ok('rm -f keeper c2 c3')
  for (const k of [1, 2, 3]) await docker.ok(`run -d --restart always --name s${k} -e constraint:node==*-n${k} busybox /bin/sleep 100000`)
  await live.person.scale(cluster, 2)
  await live.person.status(cluster)
  await healthy(2)
  const placed = await docker.placement()
  expect(placed.s1).toBe(node(1))
  expect(placed.s2).toBe(node(2))
  expect(placed.s3).toBeUndefined()
  expect(await machine.segments(cluster)).toHaveLength(2)
})

test('a rebuild makes the management containers again and keeps the rest', async () => {
  const id = await docker.ok('inspect -f {{.Id}} s1')
  const managers = await docker.ok('ps -aq --no-trunc -f name=swarm-manager')
  await live.person.rebuild(cluster)
  await live.person.status(cluster)
  await until('the managers are others', async () => {
    const again = await docker.run('ps -aq --no-trunc -f name=swarm-manager')
    return again.code === 0 && again.stdout.trim().split('\n').length === 2 && !again.stdout.split('\n').some((one) => one && managers.includes(one))
  })
  await healthy(2)
  expect(await docker.ok('inspect -f {{.Id}} s1')).toBe(id)
  expect(await docker.ok('inspect -f {{.State.Running}} s1')).toBe('true')
  expect((await nodesInInfo()).found.map((one) => one.address)).toEqual(addresses.slice(0, 2))
})

test('larger disks come one segment after another, and what is on them stays', async () => {
  const { page } = live.person
  const id = await docker.ok('inspect -f {{.Id}} s1')
  await live.person.go(`/clusters/${cluster}/settings`)
  await page.getByLabel('Disk of each segment, GiB').fill('30')
  await page.getByRole('button', { name: 'Grow the disks' }).click()
  await live.person.status(cluster)
  await healthy(2)
  for (const k of [1, 2]) {
    const df = await docker.ok(`run --rm -e constraint:node==*-n${k} busybox df -k /`)
    expect(Number(df.split('\n').at(-1).trim().split(/\s+/)[1]), df).toBeGreaterThan(28 * 1024 * 1024)
  }
  expect(await docker.ok('inspect -f {{.Id}} s1')).toBe(id)
  expect(await docker.ok('inspect -f {{.State.Running}} s1')).toBe('true')
})

test('the quota holds, and says what is free', async () => {
  const { page } = live.person
  for (const name of ['third', 'fourth']) await live.deploy(name, 1)
  await live.person.go('/clusters/new')
  await expect(page.getByText(/3 clusters and has 3/)).toBeVisible()
  // Past the page, by the form's own address: refused there as well.
  const forged = await page.request.post(`${live.panel.origin}/api/cluster_create`, {
    form: { name: 'fifth', segments: '1' },
    headers: { origin: live.panel.origin },
    maxRedirects: 0,
  })
  expect(forged.ok()).toBe(false)
  const four = await page.request.post(`${live.panel.origin}/api/cluster_scale`, {
    form: { id: cluster, segments: '4' },
    headers: { origin: live.panel.origin },
    maxRedirects: 0,
  })
  expect(four.ok()).toBe(false)
})

test('deleting leaves nothing on the host', async () => {
  const names = { [cluster]: 'first' }
  const { page } = live.person
  for (const id of live.clusters) {
    if ((await page.request.get(`${live.panel.origin}/clusters/${id}`)).status() === 404) continue
    await live.person.go(`/clusters/${id}`)
    names[id] ??= await page.getByRole('heading', { level: 1 }).textContent()
    await live.person.delete(id, names[id])
  }
  for (const id of live.clusters) {
    await until(`no trace of ${names[id] ?? id}`, async () => {
      const left = await machine.traces(id)
      if (left.length > 0) throw new Error(left.join('\n'))
      return true
    }, { timeout: 60_000 })
  }
  const doctor = await live.panel.command('host', 'doctor')
  expect(doctor.code, doctor.out).toBe(0)
  expect((await docker.run('ps', { timeout: 5000 })).code).not.toBe(0)
})
