import { describe, expect, test } from 'vitest'
import { CATEGORIES } from '../../../sdk/plot/palette.ts'

type Triple = readonly [number, number, number]

const tripleOf = (values: readonly number[]): Triple => [values[0]!, values[1]!, values[2]!]

const linear = (hex: string): Triple => {
  const channel = (at: number): number => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [channel(1), channel(3), channel(5)]
}

const times = (matrix: readonly Triple[], [r, g, b]: Triple): Triple =>
  tripleOf(matrix.map(([x, y, z]) => x * r + y * g + z * b))

/** Machado, Oliveira and Fernandes (2009), full severity, on linear RGB. */
const visions: Readonly<Record<string, readonly Triple[]>> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

/** Björn Ottosson's OKLab, in which equal distances look alike. */
const perceived = (rgb: Triple): Triple => {
  const roots = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb,
  ).map(Math.cbrt)
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    tripleOf(roots),
  )
}

const clip = (rgb: Triple): Triple => tripleOf(rgb.map(value => Math.min(1, Math.max(0, value))))

describe.each(Object.keys(visions))('in %s vision', vision => {
  test('every two colours differ', () => {
    const seen = CATEGORIES.map(color => perceived(clip(times(visions[vision]!, linear(color)))))
    const distances = seen.flatMap((a, i) =>
      seen.slice(i + 1).map((b, j) => ({
        pair: `${CATEGORIES[i]!} ${CATEGORIES[i + 1 + j]!}`,
        distance: Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]),
      })),
    )
    expect(distances.filter(({ distance }) => distance < 0.11)).toEqual([])
  })
})

test.each([
  ['white', '#ffffff', 2.2],
  ['near-black', '#16181d', 3],
])('every colour stands out on %s', (_, page, least) => {
  const luminance = (hex: string): number => {
    const [r, g, b] = linear(hex)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (a: number, b: number): number => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
  expect(CATEGORIES.filter(color => contrast(luminance(color), luminance(page)) < least)).toEqual([])
})
