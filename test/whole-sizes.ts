/** Random arrays and texts are as long as a test allows. By itself fast-check stops at ten items, whatever `maxLength`. */
import fc from 'fast-check'

fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true })
