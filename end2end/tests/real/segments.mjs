// The segments of a cluster: how full they were, and how they are changed.
import { expect, test } from '@playwright/test'
import { segments as defined } from '../../lib/host.mjs'
import { real } from '../../lib/real.mjs'
import { until } from '../../lib/run.mjs'

export function segments() {
  test('metrics show what was measured of each segment', async () => {
    const { ada, ada: { page } } = real
    await ada.at('/metrics')
    const chart = (title) => page.locator('figure.chart', { has: page.getByRole('heading', { name: title, exact: true }) })
    for (const title of ['CPU', 'Memory', 'Network in', 'Network out', 'Disk in use', 'Disk reads', 'Disk writes']) {
      await expect(chart(title), title).not.toContainText('Nothing was measured')
      await expect(chart(title).locator('.legend li'), title).toHaveCount(2)
      // One point alone would be no line.
      const drawn = await chart(title).locator('path.line-1, path.line-2').evaluateAll((all) => all.map((one) => one.getAttribute('d') ?? ''))
      expect(drawn.filter((path) => path.length > 10).length, title).toBeGreaterThanOrEqual(2)
    }
    const memory = await chart('Memory').locator('.legend li').first().textContent()
    expect(memory).toMatch(/Segment 1 [\d.]+ (MiB|GiB), at most [\d.]+ (MiB|GiB)/)
    // Measured again, it moves without a reload.
    await ada.mark()
    const before = await chart('CPU').locator('.legend').textContent()
    await expect.poll(() => chart('CPU').locator('.legend').textContent(), { timeout: 40_000 }).not.toBe(before)
    await ada.isUntouched()
    await page.getByRole('link', { name: '1 day' }).click()
    await expect(page).toHaveURL(/span=/)
    await expect(chart('Memory').locator('.legend')).toContainText('MiB')
  })

  test('a drained segment gets nothing new, and gets it again', async () => {
    const { ada, ada: { page }, docker } = real
    const row = page.locator('table.segments tbody tr').nth(1)
    await ada.at()
    await row.getByRole('link', { name: 'Drain or replace…' }).click()
    await ada.awake()
    await ada.press('Drain')
    await expect(row).toContainText('drained')
    // Fewer containers are on it, and it would be its turn.
    await docker.ok('rm -f beacon')
    for (const name of ['one', 'two']) await docker.ok(['run', '-d', '--name', name, 'busybox', '/bin/sleep', '100000'])
    const placed = await docker.placement()
    expect([placed.one, placed.two]).toEqual([real.node(1), real.node(1)])
    await ada.at('/segments/2/replace')
    await ada.press('Take containers again')
    await expect(row).toBeVisible()
    await expect(row).not.toContainText('drained')
    await docker.ok(['run', '-d', '--name', 'three', 'busybox', '/bin/sleep', '100000'])
    expect((await docker.placement()).three).toBe(real.node(2))
    await docker.ok('rm -f one two')
  })

  test('a segment is replaced: what goes with it is named, what is elsewhere goes on', async () => {
    const { ada, ada: { page }, docker } = real
    await docker.ok(['run', '-d', '--name', 'castaway', '-e', 'constraint:node==n2', '-v', 'treasure:/t', 'busybox', '/bin/sleep', '100000'])
    const started = await docker.ok('inspect -f {{.State.StartedAt}} lighthouse')
    await ada.at('/segments/2/replace')
    const gone = page.locator('.gone')
    for (const words of ['Container castaway', 'Container three', 'Volume treasure']) await expect(gone).toContainText(words)
    await expect(gone).not.toContainText('lighthouse')
    await page.getByLabel('Type harbor to confirm').fill('harbour')
    await ada.press('Replace segment 2')
    await expect(page.locator('#confirm_name-error')).not.toBeEmpty()
    await ada.troubles.forgive(/422/)
    await page.getByLabel('Type harbor to confirm').fill('harbor')
    await ada.press('Replace segment 2')
    await ada.isHome()
    await expect(ada.badge('active')).toBeHidden({ timeout: 20_000 })
    await expect(ada.badge('active')).toBeVisible({ timeout: 60_000 })
    await until('it is empty', async () => {
      const placed = await docker.placement()
      return !placed.castaway && !placed.three && placed.lighthouse === real.node(1)
    }, { timeout: 30_000 })
    expect(await docker.ok('inspect -f {{.State.StartedAt}} lighthouse')).toBe(started)
    expect(await docker.ok('volume ls -q')).not.toContain('treasure')
    await real.image()
  })

  test('a cluster grows, and shrinks by what was named container by container', async () => {
    const { ada, ada: { page }, docker } = real
    await ada.at('/scale')
    await page.getByLabel(/^3 segments/).check()
    await ada.press('Add 1 segment')
    await ada.isHome()
    await expect(page.locator('table.segments tbody tr')).toHaveCount(3)
    await expect(page.locator('table.segments tbody tr').nth(2)).toContainText('active', { timeout: 60_000 })
    await expect(ada.badge('active')).toBeVisible({ timeout: 60_000 })
    await until('the managers know it', async () => /Nodes: 3\b/.test(await docker.ok('info')), { timeout: 60_000 })
    await real.image()
    for (const name of ['parrot', 'cabin-boy']) {
      await docker.ok(['run', '-d', '--name', name, '-e', 'constraint:node==n3', '-v', `${name}-things:/t`, 'busybox', '/bin/sleep', '100000'])
    }
    await ada.at('/scale')
    const smaller = page.locator('label.choice', { has: page.locator('#segments-2') })
    await expect(smaller).toContainText(/Removes segment 3 \(10\.89\.\d+\.\d+\) and with it cabin-boy and parrot\./)
    await expect(smaller).toContainText('Volumes that are only there: cabin-boy-things and parrot-things.')
    await page.getByLabel(/^2 segments/).check()
    await ada.press('Remove 1 segment and 2 containers')
    await ada.isHome()
    await expect(page.locator('table.segments tbody tr')).toHaveCount(2, { timeout: 60_000 })
    await expect(ada.badge('active')).toBeVisible({ timeout: 60_000 })
    expect(await defined(real.cluster)).toHaveLength(2)
    const placed = await docker.placement()
    expect([placed.parrot, placed['cabin-boy']]).toEqual([undefined, undefined])
    expect(placed.lighthouse).toBe(real.node(1))
  })

  test('the cluster gets another name and grows by itself or not, and nothing of it changes', async () => {
    const { ada, ada: { page }, docker } = real
    await ada.at('/settings')
    await page.getByLabel('Cluster name').fill('marina')
    await ada.press('Rename')
    await ada.says('The cluster has its new name.')
    await expect(ada.heading('marina')).toBeVisible()
    const autoscale = ada.region('Autoscale')
    for (const [button, word] of [['Switch it on', 'on'], ['Switch it off', 'off'], ['Switch it on', 'on']]) {
      await ada.press(button, autoscale)
      await expect(autoscale.locator('.badge')).toHaveText(word)
    }
    await ada.at()
    await expect(page.locator('.status-panel')).toContainText('Grows by itself when it is full.')
    expect((await docker.placement()).lighthouse).toBe(real.node(1))
  })
}
