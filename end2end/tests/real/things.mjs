// What is on a cluster beside containers: images, volumes, networks, services and stacks.
import { expect, test } from '@playwright/test'
import { real } from '../../lib/real.mjs'
import { until } from '../../lib/run.mjs'

export function things() {
  test('images are listed with where they are, and a pull that fails says why', async () => {
    const { ada, ada: { page } } = real
    await ada.at('/images')
    await expect(ada.row('busybox:latest')).toContainText('Segment 1, Segment 2')
    await expect(ada.row('busybox:latest')).toContainText('lighthouse')
    // In use, it stays.
    await ada.twice('Remove', 'Remove', ada.row('busybox:latest'))
    await expect(page.getByRole('alert')).toContainText(/Segment 1: .*image is being used by running container/)
    await page.locator('details.make summary').click()
    // Where nobody listens, whatever network this machine has.
    await page.getByRole('textbox', { name: 'Image', exact: true }).fill('127.0.0.1:9/shop/web:1')
    await ada.press('Pull')
    const pull = page.locator('.pulls li', { hasText: '127.0.0.1:9/shop/web:1' })
    await expect(pull).toContainText('failed', { timeout: 60_000 })
    await expect(pull).toContainText('connection refused')
    await ada.troubles.forgive(/409/)
  })

  test('volumes and networks are made, and removed when nothing uses them', async () => {
    const { ada, ada: { page }, docker } = real
    const make = async (path, heading, name, more = async () => {}) => {
      await ada.at(path)
      await page.locator('details.make', { hasText: heading }).locator('summary').click()
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
      await more()
      await ada.press('Create')
      await ada.says('It was made.')
    }
    const remove = async (name) => {
      await ada.twice('Remove', 'Remove', ada.row(name))
      await ada.says('It was removed.')
      await expect(ada.row(name)).toHaveCount(0)
    }
    await make('/volumes', 'Create a volume', 'ballast', () => page.locator('#ordinal').selectOption('2').then(() => {}))
    await expect(ada.row('ballast')).toContainText('Segment 2')
    expect(await docker.ok('volume ls -q')).toContain('ballast')
    await docker.ok(['run', '-d', '--name', 'hold', '-v', 'ballast:/hold', 'busybox', '/bin/sleep', '100000'])
    expect((await docker.placement()).hold).toBe(real.node(2))
    await ada.at('/volumes?use=used')
    await expect(ada.row('ballast')).toContainText('hold')
    await ada.twice('Remove', 'Remove', ada.row('ballast'))
    await expect(page.getByRole('alert')).toContainText('in use')
    await docker.ok('rm -f hold')
    await ada.at('/volumes?name=ballast')
    await remove('ballast')

    await make('/networks', 'Create a network', 'roads')
    await expect(ada.row('roads')).toContainText('All segments')
    expect(await docker.ok('network ls --format {{.Name}}')).toContain('roads')
    await remove('roads')
    expect(await docker.ok('network ls --format {{.Name}}')).not.toContain('roads')
    await ada.troubles.forgive(/409/)
  })

  test('a service that docker made is scaled and removed on its page', async () => {
    const { ada, ada: { page }, docker } = real
    await docker.ok(['service', 'create', '--detach', '--name', 'pilots', '--replicas', '1', 'busybox', '/bin/sleep', '100000'])
    await ada.at('/services')
    const card = ada.region('pilots')
    await expect(card).toContainText('1 of 1 run', { timeout: 60_000 })
    await ada.mark()
    await card.getByLabel('Replicas').fill('2')
    await ada.press('Change', card)
    await expect(card).toContainText('2 of 2 run', { timeout: 60_000 })
    await card.locator('summary', { hasText: 'Tasks and how they ended' }).click()
    for (const segment of ['Segment 1', 'Segment 2']) await expect(card.locator('.tasks')).toContainText(segment)
    await ada.twice('Remove', 'Remove', card)
    await ada.says('It was removed.')
    await expect(card).toHaveCount(0)
    await ada.isUntouched()
    await until('its containers go', async () => (await docker.ok('ps -q --filter name=pilots')) === '')
  })

  test('a compose file is refused at its line, deployed from the editor, and removed', async () => {
    const { ada, ada: { page }, docker } = real
    const file = (more) => `services:
  web:
    image: busybox
    command: [/bin/busybox, httpd, -f, -p, "80", -h, /www]
    ${more}
    deploy:
      replicas: 2
`
    await ada.at('/stacks')
    await page.getByRole('link', { name: 'Deploy a compose file' }).click()
    await page.getByLabel('Name of the stack').fill('shop')
    const text = page.getByRole('textbox', { name: 'Compose file' })
    await text.fill(file('privileged: true'))
    await ada.press('Deploy the stack')
    await expect(page.getByRole('alert')).toContainText('1 problem. Nothing was made.')
    await expect(page.locator('#line-5')).toContainText('privileged: true')
    await expect(page.locator('#line-5')).toContainText('CARINA-1001')
    await page.getByRole('link', { name: 'Line 5' }).click()
    await expect(page.locator('#line-5')).toBeInViewport()
    expect(await docker.ok('service ls -q')).toBe('')
    await expect(text).toHaveValue(file('privileged: true'))
    await text.fill(file('ports: ["8090:80"]'))
    await ada.press('Deploy the stack')
    await ada.says('Deployed: 1 service made')
    const card = ada.page.getByRole('region', { name: /^shop/ })
    await expect(card).toContainText('2 of 2 run', { timeout: 60_000 })
    const [, address] = /(10\.89\.\d+\.\d+):42376/.exec(await docker.ok('info'))
    await until('the stack answers', async () => (await (await fetch(`http://${address}:8090/`)).text()).includes('carina test page'), { timeout: 30_000 })
    await ada.twice('Remove', 'Remove', card)
    await ada.says('The stack was removed: its services and networks. Volumes stay.')
    await expect(card).toHaveCount(0)
    expect(await docker.ok('service ls -q')).toBe('')
  })
}
