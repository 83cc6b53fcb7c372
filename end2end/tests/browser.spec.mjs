// The whole path in a real browser on real segments, with script and without it.
import { expect } from '@playwright/test'
import path from 'node:path'
import { Live, test } from '../lib/live.mjs'
import { traces } from '../lib/host.mjs'
import { Pages } from '../lib/pages.mjs'
import { ok, run, until } from '../lib/run.mjs'
import { watchConsole } from '../lib/watch.mjs'

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with script' : 'without script', () => {
    test.describe.configure({ mode: 'serial', timeout: 180_000 })
    let live, person, context, cluster, troubles
    let failed = false

    test.beforeAll(async ({ browser }) => {
      test.setTimeout(300_000)
      live = await Live.start(browser, { pool: '10.85.0.0/16', idBase: 28_000 * 65_536 })
      context = await browser.newContext({ javaScriptEnabled, acceptDownloads: true })
      const page = await context.newPage()
      troubles = watchConsole(page, { warnings: javaScriptEnabled })
      person = new Pages(page, live.panel)
    })
    test.afterEach(({}, info) => {
      failed ||= info.status !== info.expectedStatus
      expect(troubles.take()).toEqual([])
    })
    test.afterAll(async () => {
      test.setTimeout(120_000)
      await context?.close()
      await live?.end(failed)
    })

    test('set up, sign out, sign in', async () => {
      await person.setUp()
      await person.signOut()
      await person.signIn({ name: 'ada', password: 'not the password' })
      await expect(person.page.getByText('The name or the password is not right.')).toBeVisible()
      await person.signIn()
      await expect(person.heading('Clusters')).toBeVisible()
      await expect(person.page.getByText('Your first cluster is seconds away')).toBeVisible()
    })

    test('a bad name is refused beside its field, and kept', async () => {
      await person.create('Not A Name', 1)
      const field = person.page.getByLabel('Cluster name')
      await expect(field).toHaveValue('Not A Name')
      await expect(person.page.locator('#name-error')).not.toBeEmpty()
      await troubles.forgive(/422/) // the browser's own word about a refusal
    })

    test('add a cluster and watch it become active', async () => {
      cluster = await person.created('harbor', 2)
      live.clusters.push(cluster)
      if (javaScriptEnabled) {
        // Nothing reloads: the page hears of every step.
        await expect(person.page.getByRole('heading', { name: /^What (is happening|happened)$/ })).toBeVisible()
        await expect(person.badge('active')).toBeVisible({ timeout: 30_000 })
      } else {
        await person.status(cluster)
      }
      const rows = person.page.getByRole('region', { name: 'Segments' }).getByRole('row')
      await expect(rows).toHaveCount(3)
      await expect(rows.nth(1)).toContainText(/10\.85\.\d+\.\d+/)
      await expect(rows.nth(1)).toContainText('active')
      await expect(rows.nth(1)).toContainText(/of 2(\.0)? GiB/, { timeout: 15_000 })
    })

    test('get access: the zip opens the cluster to docker', async () => {
      const zip = path.join(live.dir, 'harbor.zip')
      expect(await person.bundle(cluster, zip)).toBe('harbor.zip')
      const files = (await ok('unzip', ['-Z1', zip])).split('\n').filter((name) => !name.endsWith('/'))
      for (const name of ['ca.pem', 'cert.pem', 'key.pem', 'docker.env', 'docker.fish', 'docker.ps1', 'docker.cmd', 'README.md']) {
        expect(files).toContain(`harbor/${name}`)
      }
      await ok('unzip', ['-q', zip], { cwd: live.dir })
      const script = `source harbor/docker.env && docker import ${await live.busybox()} busybox:latest >/dev/null && docker run -d --name lighthouse busybox /bin/sleep 100000 && docker info`
      const info = await ok('bash', ['-c', script], { cwd: live.dir, env: { DOCKER_CONFIG: path.join(live.dir, 'docker-config') } })
      expect(info).toMatch(/Nodes: 2\b/)
      await person.go(`/clusters/${cluster}/access`)
      await expect(person.page.getByRole('region', { name: 'Certificates' }).getByRole('row')).toHaveCount(2)
    })

    test('the containers are on the page', async () => {
      await person.go(`/clusters/${cluster}`)
      await expect(person.page.getByRole('region', { name: 'Containers' })).toContainText('lighthouse')
    })

    test('containers: the list, a restart, the log', async () => {
      const { page } = person
      await person.go(`/clusters/${cluster}/containers?name=light`)
      await page.getByRole('link', { name: 'lighthouse', exact: true }).click()
      await expect(person.heading('lighthouse')).toBeVisible()
      await expect(page.locator('.status-panel')).toContainText('running')
      await expect(page.getByRole('region', { name: 'In use' })).toContainText(/ of .*MiB|GiB/)
      // It takes no notice of being asked to end, so that takes ten seconds.
      await page.getByRole('button', { name: 'Restart' }).click({ timeout: 30_000 })
      await expect(page.getByText('The container was restarted.')).toBeVisible({ timeout: 30_000 })
      await expect(page.locator('.status-panel')).toContainText('running')
      // The policy is that of the endpoint: what it refuses is told in its words.
      await person.go(`/clusters/${cluster}/containers`)
      const own = page.locator('tr.is-system').first()
      await expect(own).toContainText("Carina's own")
      await person.go(`/clusters/${cluster}/access`)
      const panels = page.getByRole('region', { name: 'Certificates' }).getByRole('row').filter({ hasText: 'the panel' })
      await expect(panels).toHaveCount(1)
      await expect(panels).toContainText('ada')
    })

    test('containers: a log is read, and followed with script', async () => {
      const { page } = person
      const script = 'source harbor/docker.env && docker run -d --name beacon busybox /bin/sh -c \'n=0; while true; do n=$((n+1)); echo "flash $n <b>"; sleep 0.3; done\''
      await ok('bash', ['-c', script], { cwd: live.dir, env: { DOCKER_CONFIG: path.join(live.dir, 'docker-config') } })
      await until('a line', async () => {
        await person.go(`/clusters/${cluster}/logs?c=beacon`)
        return (await page.locator('.log').textContent()).includes('flash 1 <b>')
      }, { timeout: 20_000 })
      if (!javaScriptEnabled) return
      await expect(page.locator('[data-log-state]')).toHaveText('Following')
      const seen = await page.locator('.log-line').count()
      await expect.poll(() => page.locator('.log-line').count()).toBeGreaterThan(seen + 4)
      const numbers = (await page.locator('.log-line').allTextContents()).map((text) => Number(/flash (\d+)/.exec(text)[1]))
      expect(numbers).toEqual(numbers.map((_, n) => n + 1))
    })

    test('containers: a console', async () => {
      const { page } = person
      await person.go(`/clusters/${cluster}/containers/lighthouse/console`)
      if (!javaScriptEnabled) {
        await expect(page.locator('noscript pre')).toContainText('docker exec -it')
        return
      }
      await expect(page.locator('[data-console-state]')).toHaveText('Connected', { timeout: 20_000 })
      await page.keyboard.type('echo h$((1))i\n')
      await expect(page.locator('.xterm-rows')).toContainText(/h1i/, { timeout: 20_000 })
      await page.keyboard.type('exit\n')
      await expect(page.locator('[data-console-state]')).toContainText('The shell has ended')
      const script = 'source harbor/docker.env && docker rm -f beacon'
      await ok('bash', ['-c', script], { cwd: live.dir, env: { DOCKER_CONFIG: path.join(live.dir, 'docker-config') } })
    })

    test('containers: what happened to them, and what happens', async () => {
      const lines = person.page.locator('.log-line')
      const line = (of, what) => lines.filter({ hasText: `Container ${of}` }).filter({ hasText: what })
      await person.go(`/clusters/${cluster}/events?kind=container`)
      await expect(line('lighthouse', 'was made')).toHaveCount(1)
      await expect(line('lighthouse', 'ended: it was killed (code 137)')).toHaveCount(1)
      await expect(line('lighthouse', 'started')).toHaveCount(2)
      await expect(lines.filter({ hasText: 'swarm-' })).toHaveCount(0)
      if (javaScriptEnabled) await expect(person.page.locator('[data-log-state]')).toHaveText('Following')
      const script = 'source harbor/docker.env && docker run --rm --name flare busybox /bin/sh -c "exit 3"'
      await run('bash', ['-c', script], { cwd: live.dir, env: { DOCKER_CONFIG: path.join(live.dir, 'docker-config') } })
      if (!javaScriptEnabled) await person.go(`/clusters/${cluster}/events`)
      await expect(line('flare', 'ended with code 3')).toHaveCount(1)
      await expect(line('flare', 'was removed')).toHaveCount(1)
    })

    test('scale up and down', async () => {
      await person.scale(cluster, 3)
      await person.status(cluster)
      await person.go(`/clusters/${cluster}`)
      await expect(person.page.getByRole('region', { name: 'Segments' }).getByRole('row')).toHaveCount(4)
      await person.scale(cluster, 2)
      await person.status(cluster)
      await expect(person.page.getByRole('region', { name: 'Segments' }).getByRole('row')).toHaveCount(3)
    })

    test('rebuild', async () => {
      await person.rebuild(cluster)
      await person.status(cluster)
    })

    test('change the password, end another session', async () => {
      const { page } = person
      const other = await (await page.context().browser().newContext({ javaScriptEnabled: false })).newPage()
      const elsewhere = new Pages(other, live.panel)
      await elsewhere.signIn()
      await expect(elsewhere.heading('Clusters')).toBeVisible()
      await person.go('/account/sessions')
      await page.getByRole('button', { name: 'End session' }).first().click()
      await expect(page.getByText('That session has ended.')).toBeVisible()
      await elsewhere.go('/clusters')
      await expect(elsewhere.heading('Sign in')).toBeVisible()
      await person.go('/account')
      await page.getByLabel('Current password').fill('correct horse battery staple')
      await page.getByLabel('New password').fill('another long enough phrase')
      await page.getByRole('button', { name: 'Change password' }).click()
      await expect(page.getByText('Your password is changed')).toBeVisible()
      await other.context().close()
    })

    test('deleting asks for the name, and then all of it goes', async () => {
      const { page } = person
      await person.go(`/clusters/${cluster}/delete`)
      await expect(page.getByRole('main')).toContainText('lighthouse')
      await page.getByLabel('Type harbor to confirm').fill('harbour')
      await page.getByRole('button', { name: 'Delete cluster' }).click()
      await expect(page.locator('#confirm_name-error')).not.toBeEmpty()
      await troubles.forgive(/422/)
      await person.delete(cluster, 'harbor')
      await until('no trace on the host', async () => (await traces(cluster)).length === 0, { timeout: 60_000 })
      await person.go(`/clusters/${cluster}`)
      await expect(person.heading('Nothing here')).toBeVisible()
      await troubles.forgive(/404/)
    })
  })
}
