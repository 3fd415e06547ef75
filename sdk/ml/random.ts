/**
 * Seeded random numbers that are the same on every platform: sfc32 (Chris Doty-Humphrey's PractRand), seeded by
 * splitmix32. Only 32-bit integer arithmetic is used, so no rounding differs between machines.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number) {
    const low = seed >>> 0
    const high = Math.floor(seed / 0x1_0000_0000) >>> 0
    let state = (low ^ Math.imul(high, 0x9e3779b9)) >>> 0
    const split = (): number => {
      state = (state + 0x9e3779b9) | 0
      let t = state ^ (state >>> 16)
      t = Math.imul(t, 0x21f0aaad)
      t = Math.imul(t ^ (t >>> 15), 0x735a2d97)
      return (t ^ (t >>> 15)) | 0
    }
    this.#a = split()
    this.#b = split()
    this.#c = split()
    for (let i = 0; i < 12; i++) this.#word()
  }

  /** Evenly distributed in [0, 1), with 53 random bits. */
  next(): number {
    return ((this.#word() >>> 5) * 0x400_0000 + (this.#word() >>> 6)) / 0x20_0000_0000_0000
  }

  #word(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum
  }
}
