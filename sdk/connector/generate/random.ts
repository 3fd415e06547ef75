/**
 * Random numbers that are a function of a seed, a number and a use of it, with no state between them: any event can be
 * made again by itself. The bits are mixed by the finaliser of MurmurHash3.
 */

/** 32 random bits of an event number for one `use` of them. */
export function bits(seed: number, number: number, use: number): number {
  let hash = mixed(seed ^ number) // the low 32 bits of the number
  if (number >= 2 ** 32) hash = mixed(hash ^ Math.floor(number / 2 ** 32))
  return mixed(hash ^ Math.imul(use + 1, 0x9e3779b1)) >>> 0
}

/** In 0 … 1, without 1. */
export function uniform(seed: number, number: number, use: number): number {
  return bits(seed, number, use) / 2 ** 32
}

/** A whole number from 0 up to `count`, without it. */
export function below(count: number, seed: number, number: number, use: number): number {
  return Math.floor((bits(seed, number, use) / 2 ** 32) * count)
}

/** Of a normal distribution with mean 0 and deviation 1, by Box and Muller; takes `use` and the one after it. */
export function normal(seed: number, number: number, use: number): number {
  const radius = Math.sqrt(-2 * Math.log((bits(seed, number, use) + 1) / 2 ** 32))
  return radius * Math.cos(2 * Math.PI * uniform(seed, number, use + 1))
}

function mixed(bits: number): number {
  let hash = bits | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
