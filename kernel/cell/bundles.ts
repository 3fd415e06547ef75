/** From a value to its MIME bundle: by its own method, as a bundle already, or as text. */
import { inspect } from 'node:util'
import { DISPLAY, TYPE, type Bundle } from '../display/bundle.ts'

/** The bundle of a result; null publishes nothing. */
export function bundleOf(value: unknown): Bundle | Promise<Bundle | null> | null {
  const method = methodOf(value, DISPLAY)
  if (!method) return { 'text/plain': inspect(value) }
  const bundle = method.call(value) as Bundle | Promise<Bundle>
  return bundle instanceof Promise ? bundle.then(unlessEmpty) : unlessEmpty(bundle)
}

/** As `bundleOf`, but an object whose keys are all MIME types is itself the bundle. */
export function shownBundle(value: unknown): Bundle | Promise<Bundle | null> | null {
  return isBundle(value) ? value : bundleOf(value)
}

/** The type text by which later cells shall know a value. */
export function typeTextOf(value: unknown): string | undefined {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !(TYPE in value)) return undefined
  const given = value[TYPE]
  const text: unknown = typeof given === 'function' ? given.call(value) : given
  return typeof text === 'string' ? text : undefined
}

function unlessEmpty(bundle: Bundle): Bundle | null {
  return bundle && Object.keys(bundle).length ? bundle : null
}

function isBundle(value: unknown): value is Bundle {
  if (typeof value !== 'object' || value === null || methodOf(value, DISPLAY)) return false
  const keys = Object.keys(value)
  return keys.length > 0 && keys.every(key => /^(text|image|application|audio|video|model)\/[\w.+-]+$/.test(key))
}

function methodOf(value: unknown, name: symbol): ((this: unknown) => unknown) | null {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return null
  const method = (value as Record<symbol, unknown>)[name]
  return typeof method === 'function' ? (method as (this: unknown) => unknown) : null
}
