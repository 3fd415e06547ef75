/** Kills a process that leads its own group, and its children with it. */
export function killGroup(pid: number): void {
  try {
    // Windows has no groups; there the process alone is killed.
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch (error) {
    // Nobody of the group is left.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
