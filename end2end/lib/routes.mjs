// Every page of the panel, once: what the sweep visits and what the pictures are taken of. A route of
// app/src/root.rs that is missing here fails the sweep.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { root } from './run.mjs'

/**
 * One row for each look at a page: its name, the route it is of, and where it is in a showcase
 * (lib/showcase.mjs). `as`: who sees it, where that is not the administrator. `cluster`: which, where
 * that is not the administrator's own. `status`: what the panel answers, where that is not 200.
 */
export const pages = [
  { name: 'sign-in', route: '/sign-in', as: 'nobody' },
  { name: 'setup', route: '/setup', as: 'first' },
  { name: 'setup-needed', route: '/sign-in', as: 'first' },
  { name: 'setup-done', route: '/setup', at: '/setup?token=none', as: 'nobody' },
  { name: 'sign-in-code', route: '/sign-in/code', as: 'halfWay' },
  // There is no provider in a showcase.
  { name: 'provider', route: '/sign-in/provider', as: 'nobody', status: 404 },
  { name: 'provider-back', route: '/sign-in/provider/back', as: 'nobody', status: 404 },
  { name: 'sign-up', route: '/sign-up', as: 'nobody' },
  { name: 'invitation', route: '/invitation', as: 'nobody' },
  { name: 'reset', route: '/reset', as: 'nobody' },
  { name: 'status', route: '/status', as: 'nobody' },

  { name: 'clusters-none', route: '/clusters', as: 'member' },
  { name: 'clusters-viewed', route: '/clusters', as: 'guest' },
  { name: 'clusters', route: '/' },
  { name: 'clusters-filtered', route: '/clusters', at: '/clusters?q=har' },
  { name: 'cluster-new', route: '/clusters/new' },
  { name: 'cluster-new-team', route: '/clusters/new', query: '?team=TEAM' },
  { name: 'not-found', route: '', at: '/nowhere', status: 404 },
  { name: 'cluster-not-found', route: '/clusters/:id', at: '/clusters/00000000-0000-4000-8000-000000000000', status: 404 },

  { name: 'cluster', route: '/clusters/:id' },
  { name: 'cluster-viewed', route: '/clusters/:id', as: 'guest', cluster: 'team' },
  { name: 'access-viewed', route: '/clusters/:id/access', as: 'guest', cluster: 'team' },
  { name: 'settings-viewed', route: '/clusters/:id/settings', as: 'guest', cluster: 'team' },
  { name: 'containers-viewed', route: '/clusters/:id/containers', as: 'guest', cluster: 'team' },
  { name: 'changes', route: '/clusters/:id/changes' },
  { name: 'settings', route: '/clusters/:id/settings' },
  { name: 'replace', route: '/clusters/:id/segments/:ordinal/replace' },
  { name: 'metrics', route: '/clusters/:id/metrics' },
  { name: 'metrics-day', route: '/clusters/:id/metrics', query: '?span=1d' },
  { name: 'metrics-month', route: '/clusters/:id/metrics', query: '?span=30d' },
  { name: 'access', route: '/clusters/:id/access' },
  { name: 'rotate', route: '/clusters/:id/access/rotate' },
  { name: 'containers', route: '/clusters/:id/containers' },
  { name: 'containers-none', route: '/clusters/:id/containers', query: '?name=nobody' },
  { name: 'container', route: '/clusters/:id/containers/:container' },
  { name: 'container-month', route: '/clusters/:id/containers/:container', query: '?span=30d' },
  { name: 'container-ended', route: '/clusters/:id/containers/:container', container: 'migrate' },
  { name: 'console', route: '/clusters/:id/containers/:container/console' },
  { name: 'logs', route: '/clusters/:id/logs', query: '?c=web&c=worker&c=shop-db' },
  { name: 'logs-none', route: '/clusters/:id/logs' },
  { name: 'events', route: '/clusters/:id/events' },
  { name: 'images', route: '/clusters/:id/images' },
  { name: 'volumes', route: '/clusters/:id/volumes' },
  { name: 'networks', route: '/clusters/:id/networks' },
  { name: 'services', route: '/clusters/:id/services' },
  { name: 'stacks', route: '/clusters/:id/stacks' },
  { name: 'stack-new', route: '/clusters/:id/stacks/new' },
  { name: 'scale', route: '/clusters/:id/scale' },
  { name: 'rebuild', route: '/clusters/:id/rebuild' },
  { name: 'delete', route: '/clusters/:id/delete' },

  { name: 'panel-settings', route: '/settings' },
  { name: 'hosts', route: '/hosts' },
  { name: 'teams', route: '/teams' },
  { name: 'teams-none', route: '/teams', as: 'member' },
  { name: 'team', route: '/teams/:id' },
  { name: 'team-viewed', route: '/teams/:id', as: 'guest' },
  { name: 'people', route: '/people' },
  { name: 'invite', route: '/people/invite' },
  { name: 'person', route: '/people/:id' },
  { name: 'audit', route: '/audit' },
  { name: 'account', route: '/account' },
  { name: 'passkeys', route: '/account/passkeys' },
  { name: 'passkeys-none', route: '/account/passkeys', as: 'member' },
  { name: 'two-factor', route: '/account/two-factor' },
  { name: 'two-factor-on', route: '/account/two-factor', as: 'member' },
  { name: 'sessions', route: '/account/sessions' },
  { name: 'tokens', route: '/account/tokens' },
  { name: 'quota', route: '/account/quota' },
  { name: 'confirm', route: '/confirm', at: '/confirm?next=/account' },
]

/** The routes that the panel has. */
export async function routes() {
  const source = await readFile(path.join(root, 'app/src/root.rs'), 'utf8')
  return [...source.matchAll(/path!\("([^"]*)"\)/g)].map(([, route]) => route)
}
