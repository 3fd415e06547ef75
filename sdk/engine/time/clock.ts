/** Wall time, which sources need as well: the port and the clock of the system stand beside the data. */
export { systemClock, type Clock } from '../../data/clock.ts'
