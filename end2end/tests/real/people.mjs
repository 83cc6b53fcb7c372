// Who uses a cluster: a team, and what opens it for each of them.
import { expect, test } from '@playwright/test'
import { real } from '../../lib/real.mjs'
import { until } from '../../lib/run.mjs'
import { account } from '../../lib/panel.mjs'

const grace = { name: 'grace', password: 'a nanosecond of wire' }
const alan = { name: 'alan', password: 'a very long paper tape' }

/** Cut off: not slow, not away. */
const refused = (docker) => until('it is refused', async () => (await docker.run('ps', { timeout: 5_000 })).code !== 0, { timeout: 20_000 })

export function people() {
  test('a cluster is handed to a team, and another person works with it', async () => {
    const { ada, ada: { page } } = real
    for (const who of [grace, alan]) await real.join(who)
    await ada.open('/teams')
    await page.getByLabel('Name of the team').fill('harbormasters')
    await ada.press('Make the team')
    await ada.says('The team is made. Take people in.')
    real.team = new URL(page.url()).pathname
    for (const [name, role] of [[account.name, 'administrator'], [grace.name, 'member'], [alan.name, 'viewer']]) {
      await ada.awake()
      await page.getByLabel('Name of their account').fill(name)
      await page.getByRole('radio', { name: new RegExp(`^${role}`) }).check()
      await ada.press('Take them in')
      await expect(page.locator('table.team-people')).toContainText(name)
    }
    await ada.at('/settings')
    await ada.region('Hand over').getByRole('radio', { name: 'Team harbormasters' }).check()
    await ada.press('Hand it over')
    await ada.says('The cluster has its new owner.')
    // Whoever had it still has it.
    await real.docker.ok('ps')

    real.grace = await real.visitor(grace)
    await real.grace.page.getByRole('link', { name: 'marina', exact: true }).click()
    await expect(real.grace.heading('marina')).toBeVisible()
    real.herDocker = await real.bundle(real.grace, 'her-laptop')
    expect(await real.herDocker.ok('ps --format {{.Names}}')).toContain('lighthouse')
    await real.grace.at('/containers/lighthouse')
    await real.grace.press('Restart')
    await real.grace.says('The container was restarted.')
    // The audit has it under her name.
    await ada.open(`/audit?person=${grace.name}`)
    await expect(page.locator('table.audit tbody tr', { hasText: 'lighthouse' }).first()).toBeVisible()
    real.grace.quiet()
  })

  test('a viewer looks, and may do nothing', async () => {
    const viewer = await real.visitor(alan)
    const { page } = viewer
    await page.getByRole('link', { name: 'marina', exact: true }).click()
    await expect(viewer.heading('marina')).toBeVisible()
    await expect(viewer.region('Containers')).toContainText('lighthouse')
    await expect(page.getByRole('link', { name: 'Get access' })).toHaveCount(0)
    await expect(page.getByRole('link', { name: 'Drain or replace…' })).toHaveCount(0)
    await viewer.at('/access')
    await expect(page.getByText('credentials are for those who may')).toBeVisible()
    await viewer.at('/containers/lighthouse')
    for (const button of ['Stop', 'Restart', 'Show values']) await expect(page.getByRole('button', { name: button })).toHaveCount(0)
    await viewer.at('/logs?c=lighthouse')
    await expect(page.locator('[data-log-state]')).toHaveText('Following')
    for (const tail of ['/scale', '/rebuild', '/delete', '/containers/lighthouse/console', '/stacks/new', '/access/rotate']) {
      await viewer.go(`/clusters/${real.cluster}${tail}`)
      await expect(page.getByText('You may look at this cluster and change nothing.'), tail).toBeVisible()
    }
    // Past the pages as well.
    const forged = await page.request.post(`${real.panel.origin}/api/container_act`, {
      form: { id: real.cluster, container: 'lighthouse', action: 'stop', back: 'page' }, headers: { origin: real.panel.origin }, maxRedirects: 0,
    })
    expect(forged.status()).toBe(403)
    expect(await real.docker.ok('inspect -f {{.State.Running}} lighthouse')).toBe('true')
    await viewer.leave()
  })

  test('whoever is taken out of the team is cut off at once', async () => {
    const { ada, ada: { page } } = real
    await real.grace.at()
    await expect(real.grace.heading('marina')).toBeVisible()
    await ada.open(real.team)
    await page.getByLabel('Take grace out').click()
    await ada.press('Take out')
    await ada.says('The person is not in the team any more.')
    await refused(real.herDocker)
    await real.docker.ok('ps')
    await expect(real.grace.heading('Nothing here')).toBeVisible({ timeout: 20_000 })
    await real.grace.leave()
  })

  test('what the policy refuses docker stands in the audit, with who and by which rule', async () => {
    const { ada, ada: { page }, docker } = real
    const said = await docker.run('run --privileged busybox /bin/true')
    expect(said.out).toContain('CARINA-1001')
    const rows = page.locator('table.audit tbody tr', { hasText: 'CARINA-1001' })
    await until('the audit has it', async () => {
      await ada.open('/audit')
      await page.getByLabel('Action').selectOption('docker_refused')
      await ada.press('Filter')
      await expect(page).toHaveURL(/action=docker_refused/)
      return (await rows.count()) > 0
    }, { timeout: 30_000, every: 500 })
    await expect(rows.first()).toContainText('ada')
    await expect(rows.first()).toContainText(/POST .*containers\/create/)
    // What it is about leads to everything that happened there.
    await rows.first().locator('td[data-label="About"] a').click()
    await expect(page).toHaveURL(/subject=marina/)
  })

  test('certificates are listed with their use, one is revoked, and then all', async () => {
    const { ada, ada: { page } } = real
    const lost = await real.bundle(ada, 'lost-phone')
    await lost.ok('ps')
    await ada.at('/access')
    const named = (label) => page.locator('th span', { hasText: new RegExp(`^${label}$`) })
    const row = (label) => ada.region('Certificates').getByRole('row').filter({ has: named(label) })
    // The managers tell once a minute: the page hears of it.
    await expect(row('laptop').locator('td[data-label="Last seen"] time')).toBeVisible({ timeout: 90_000 })
    await ada.twice('Revoke…', 'Revoke this certificate', row('lost-phone'))
    await ada.says('The certificate is revoked. Connections that used it were cut.')
    await expect(row('lost-phone')).toContainText('revoked')
    await refused(lost)
    await real.docker.ok('ps')

    const watching = real.docker.run('events', { timeout: 60_000 })
    await page.getByRole('link', { name: 'Rotate all…' }).click()
    await expect(page).toHaveURL(/\/confirm|\/rotate/)
    await ada.proved()
    await ada.awake()
    const gone = page.locator('.gone')
    await expect(gone.locator('li', { hasText: /^laptop, made by ada/ })).toContainText('last seen')
    await expect(gone).not.toContainText('lost-phone')
    await page.getByLabel('Type marina to confirm').fill('marina')
    await ada.press('Revoke them all')
    await ada.says(/certificates (are|is) revoked and (their|its) connections are cut\. Get a new one here/)
    await refused(real.docker)
    expect((await watching).ms).toBeLessThan(45_000)
    real.docker = await real.bundle(ada, 'new-laptop')
    expect(await real.docker.ok('ps --format {{.Names}}')).toContain('lighthouse')
    // The panel has made itself another one, too.
    await ada.at('/containers')
    await expect(ada.row('lighthouse')).toBeVisible()
  })
}
