import type { Value } from '../../data/column.ts'
import { didYouMean } from '../../data/errors.ts'
import { sameType, scalar, type DataType, type Field, type Nullable } from '../../data/type.ts'
import type { EagerFunction, FunctionOptions } from '../function.ts'
import { equalValues } from '../order.ts'
import { commonType } from '../promote.ts'
import { quoted } from '../sql-type.ts'
import { anyNull } from './number.ts'
import { valueFunction } from './value-function.ts'

/** Structs and maps: what makes them, and what reaches into them. A key that a map does not have gives null. */

type Pairs = readonly (readonly [Value, Value])[]

const names = (options: FunctionOptions): readonly string[] => options['names'] as readonly string[]

const fieldsText = (values: readonly string[], options: FunctionOptions): string =>
  `{ ${names(options)
    .map((name, i) => `${name}: ${values[i]}`)
    .join(', ')} }`

const only = ({ type, nullable }: Nullable): Nullable => ({ type, nullable })

const packed = (fields: readonly (readonly [string, string])[]): string =>
  `struct_pack(${fields.map(([name, value]) => `${quoted(name)} := ${value}`).join(', ')})`

export const field: EagerFunction = valueFunction({
  name: 'field',
  infer: ([a], options) => {
    const name = options['name'] as string
    if (a!.type.kind !== 'struct') return `field takes a struct, and $0`
    const found = a!.type.fields.find(each => each.name === name)
    if (found !== undefined) return { type: found.type, nullable: found.nullable || a!.nullable }
    const known = a!.type.fields.map(each => each.name)
    return `there is no field "${name}".${didYouMean(name, known)} $0`
  },
  nulls: 'own',
  make: ([a], _, options) => {
    const at = fieldsOf(a!.type).findIndex(each => each.name === options['name'])
    return (struct: readonly Value[] | null) => (struct === null ? null : struct[at]!)
  },
  duckdb: ([a], _, options) => `struct_extract(${a}, '${String(options['name']).replaceAll(`'`, `''`)}')`,
  flink: ([a], _, options) => `${a}.\`${String(options['name'])}\``,
})

function fieldsOf(type: DataType): readonly Field[] {
  return type.kind === 'struct' ? type.fields : []
}

export const struct: EagerFunction = valueFunction({
  name: 'struct',
  form: 'function',
  text: (args, options) => `struct(${fieldsText(args, options)})`,
  infer: (args, options) => {
    if (args.length === 0) return 'struct takes at least one field'
    const fields = args.map((arg, i) => ({ name: names(options)[i]!, ...only(arg) }))
    return { type: { kind: 'struct', fields }, nullable: false }
  },
  nulls: 'own',
  make:
    () =>
    (...values: readonly Value[]) =>
      values,
  duckdb: (args, _, options) => packed(args.map((arg, i) => [names(options)[i]!, arg])),
  flink: args => `ROW(${args.join(', ')})`,
})

/** For each field of the result the argument it comes from, or −1 for the struct's own. */
function sources(type: DataType, options: FunctionOptions): readonly (readonly [string, number])[] {
  const given = names(options)
  const own = fieldsOf(type).map(each => each.name)
  const all = [...own, ...given.filter(name => !own.includes(name))]
  return all.map(name => [name, given.indexOf(name)])
}

export const withFields: EagerFunction = valueFunction({
  name: 'withFields',
  text: ([a, ...values], options) => `${a}.withFields(${fieldsText(values, options)})`,
  infer: ([a, ...values], options) => {
    const { type, nullable } = a!
    if (type.kind !== 'struct') return `withFields takes a struct, and $0`
    const fields = sources(type, options).map(([name, from], i) => ({
      name,
      ...(from < 0 ? only(type.fields[i]!) : only(values[from]!)),
    }))
    return { type: { kind: 'struct', fields }, nullable }
  },
  nulls: 'own',
  make: ([a], _, options) => {
    const from = sources(a!.type, options).map(([, k]) => k)
    return (old: readonly Value[] | null, ...values: readonly Value[]) =>
      old === null ? null : from.map((k, i) => (k < 0 ? old[i]! : values[k]!))
  },
  duckdb: ([a, ...values], types, options) => {
    const fields = sources(types[0]!.type, options).map(([name, k]): readonly [string, string] => {
      return [name, k < 0 ? `struct_extract(${a}, '${name.replaceAll(`'`, `''`)}')` : values[k]!]
    })
    return `CASE WHEN ${a} IS NULL THEN NULL ELSE ${packed(fields)} END`
  },
  flink: { refused: 'Flink has no struct of another with fields set' },
})

/** Checks the map, and brings a key to its type. */
function onMap(name: string, result: (value: Nullable, map: Nullable) => Nullable): EagerFunction['infer'] {
  return ([a, key]) => {
    const type = a!.type
    if (type.kind !== 'map') return `${name} takes a map, and $0`
    if (key === undefined) return result(type.value, a!)
    const common = commonType([type.key, key.type])
    if (common === undefined || !sameType(common, type.key)) return `${name} takes a key of the map, and $0, $1`
    const { type: of, nullable } = result(type.value, a!)
    return { type: of, nullable: nullable || key.nullable, cast: [undefined, type.key] }
  }
}

export const getKey: EagerFunction = valueFunction({
  name: 'get',
  infer: onMap('get', value => ({ type: value.type, nullable: true })),
  nulls: 'own',
  make: () => (map: Pairs | null, key: Value) =>
    map === null || key === null ? null : (map.find(([each]) => equalValues(each, key))?.[1] ?? null),
  duckdb: ([a, key]) => `CASE WHEN ${key} IS NULL THEN NULL ELSE ${a}[${key}] END`,
  flink: ([a, key]) => `${a}[${key}]`,
})

export const hasKey: EagerFunction = valueFunction({
  name: 'hasKey',
  infer: onMap('hasKey', (_, map) => ({ type: scalar('bool'), nullable: map.nullable })),
  make: () => (map: Pairs, key: Value) => map.some(([each]) => equalValues(each, key)),
  duckdb: ([a, key]) => `list_contains(map_keys(${a}), ${key})`,
  flink: ([a, key]) => `ARRAY_CONTAINS(MAP_KEYS(${a}), ${key})`,
})

const listOf = (item: Nullable): DataType => ({ kind: 'list', item })

export const keys: EagerFunction = valueFunction({
  name: 'keys',
  infer: ([a]) =>
    a!.type.kind === 'map'
      ? { type: listOf({ type: a!.type.key, nullable: false }), nullable: a!.nullable }
      : `keys takes a map, and $0`,
  make: () => (map: Pairs) => map.map(([key]) => key),
  duckdb: ([a]) => `map_keys(${a})`,
  flink: ([a]) => `MAP_KEYS(${a})`,
})

export const values: EagerFunction = valueFunction({
  name: 'values',
  infer: onMap('values', (value, map) => ({ type: listOf(value), nullable: map.nullable })),
  make: () => (map: Pairs) => map.map(([, value]) => value),
  duckdb: ([a]) => `map_values(${a})`,
  flink: ([a]) => `MAP_VALUES(${a})`,
})

export const entries: EagerFunction = valueFunction({
  name: 'entries',
  infer: ([a]) => {
    if (a!.type.kind !== 'map') return `entries takes a map, and $0`
    const fields = [
      { name: 'key', type: a!.type.key, nullable: false },
      { name: 'value', ...a!.type.value },
    ]
    return { type: listOf({ type: { kind: 'struct', fields }, nullable: false }), nullable: a!.nullable }
  },
  make: () => (map: Pairs) => map,
  duckdb: ([a]) => `map_entries(${a})`,
  flink: ([a]) => `MAP_ENTRIES(${a})`,
})

export const mapOf: EagerFunction = valueFunction({
  name: 'mapOf',
  form: 'function',
  infer: args => {
    const [key, value] = args.map(arg => arg.type)
    if (key!.kind !== 'list') return `mapOf takes a list of keys and a list of values, and $0`
    if (value!.kind !== 'list') return `mapOf takes a list of keys and a list of values, and $1`
    return { type: { kind: 'map', key: key!.item.type, value: value!.item }, nullable: anyNull(args) }
  },
  make: () => (keyList: readonly Value[], valueList: readonly Value[]) => {
    if (keyList.length !== valueList.length || keyList.includes(null)) return undefined
    const twice = keyList.some((key, i) => keyList.findIndex(other => equalValues(key, other)) < i)
    return twice ? undefined : keyList.map((key, i) => [key, valueList[i]!])
  },
  failure: () => 'its keys are null or come twice, or are not as many as the values',
  duckdb: ([k, v]) => `CASE WHEN ${k} IS NULL OR ${v} IS NULL THEN NULL ELSE MAP(${k}, ${v}) END`,
  flink: { refused: 'Flink keeps the last of equal keys' },
})
