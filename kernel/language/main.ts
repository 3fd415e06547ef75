/** Cold start of the language process; a snapshot starts the same program (`snapshot-program.ts`). */
import { serve } from './serve.ts'

serve(null)
