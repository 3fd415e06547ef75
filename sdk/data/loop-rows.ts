/**
 * Rows that a hot loop goes over in one call. V8 compiles a loop that runs long while it runs, and what it compiles so
 * gives up at the code behind the loop, which has not run yet, and again at each call. A function that is called often,
 * for few rows, is compiled as a whole.
 */
export const LOOP_ROWS = 1024
