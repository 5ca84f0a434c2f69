import { parseTemplate } from './template.ts'
import type { Template } from './template.ts'
import type { LineColumn } from './line-columns.ts'

/** Forgets all shapes when there are more steps than this, so that no input can fill memory. */
const STEPS_MAX = 50_000
const NAMES_MAX = 2_000

/** What a tag stands for, if anything. */
export type TagRole = 'id' | 'channelId' | 'userId' | 'sentAtMs' | LineColumn | undefined

/** How a tag stands in a shape. The numbers are part of the keys of {@link ShapeStep}. */
export const TagForm = {
  /** `name` */
  bare: 0,
  /** `name=` */
  empty: 1,
  /** `name=0` */
  zero: 2,
  /** `name=1` */
  one: 3,
  /** `name={tags}`: the value is the next one in `tags`. */
  other: 4,
  /** `name={column}`: the value is that of the column the name stands for. */
  column: 5,
} as const

const FORMS = 6

/** A tag name that has been seen. Lines repeat their tags' order, so the next one is nearly always known. */
export interface TagName {
  readonly name: string
  /** `name=` */
  readonly prefix: string
  readonly role: TagRole
  /** For {@link TagForm.column}: `name={column}`. */
  readonly columnShape: string
  readonly number: number
  next: TagName | undefined
}

/** How far a shape has come; walking the steps of a line replaces building and hashing its shape. */
export interface ShapeStep {
  readonly shape: string
  readonly next: Map<number | string, ShapeStep>
  /** The step taken last time, which is the one to take most times. */
  likelyKey: number | string
  likely: ShapeStep | undefined
  /** The template of the shape, once a line has ended here; `null` when it has none. */
  template: Template | null | undefined
}

const ROLES: ReadonlyMap<string, { readonly role: TagRole; readonly column: string }> = new Map<
  string,
  { readonly role: TagRole; readonly column: string }
>([
  ['id', { role: 'id', column: 'id' }],
  ['room-id', { role: 'channelId', column: 'channel_id' }],
  ['user-id', { role: 'userId', column: 'user_id' }],
  ['target-user-id', { role: 'userId', column: 'user_id' }],
  ['tmi-sent-ts', { role: 'sentAtMs', column: 'sent_at' }],
  ['login', { role: 'login', column: 'login' }],
  ['display-name', { role: 'displayName', column: 'display_name' }],
  ['color', { role: 'color', column: 'color' }],
  ['badges', { role: 'badges', column: 'badges' }],
  ['badge-info', { role: 'badgeInfo', column: 'badge_info' }],
  ['emotes', { role: 'emotes', column: 'emotes' }],
])

const names = new Map<string, TagName>()
let root = newStep('')
let steps = 0
export const FIRST_TAG: TagName = newName('')

/** The step at which every line begins. */
export function firstStep(): ShapeStep {
  if (steps > STEPS_MAX || names.size > NAMES_MAX) {
    root = newStep('')
    steps = 0
    names.clear()
    FIRST_TAG.next = undefined
  }
  return root
}

/** The name of a tag that begins at `at`; its `=` is at `equals`, or its end where it has none. */
export function tagNameAt(line: string, at: number, equals: number): TagName {
  const name = line.slice(at, equals)
  let known = names.get(name)
  if (known === undefined) {
    known = newName(name)
    names.set(name, known)
  }
  return known
}

export function stepTag(step: ShapeStep, tag: TagName, form: number): ShapeStep {
  const key = tag.number * FORMS + form
  if (step.likelyKey === key && step.likely !== undefined) return step.likely
  const next = step.next.get(key) ?? newTagStep(step, tag, form)
  step.likelyKey = key
  step.likely = next
  return next
}

/** Goes on with literal text or placeholders. */
export function stepText(step: ShapeStep, text: string): ShapeStep {
  if (step.likelyKey === text && step.likely !== undefined) return step.likely
  const next = step.next.get(text) ?? addStep(step, text, step.shape + text)
  step.likelyKey = text
  step.likely = next
  return next
}

/** The template of the shape that ends here; `null` when it makes no sense (a tag named `{x}`). */
export function templateAt(step: ShapeStep): Template | null {
  step.template ??= parseTemplate(step.shape) ?? null
  return step.template
}

function newTagStep(step: ShapeStep, tag: TagName, form: number): ShapeStep {
  const separator = step.shape === '@' ? '' : ';'
  const text = [
    tag.name,
    tag.prefix,
    `${tag.prefix}0`,
    `${tag.prefix}1`,
    `${tag.prefix}{tags}`,
    tag.columnShape,
  ][form]
  return addStep(step, tag.number * FORMS + form, `${step.shape}${separator}${text}`)
}

function addStep(step: ShapeStep, key: number | string, shape: string): ShapeStep {
  const added = newStep(shape)
  step.next.set(key, added)
  steps += 1
  return added
}

function newStep(shape: string): ShapeStep {
  return { shape, next: new Map(), likelyKey: '', likely: undefined, template: undefined }
}

function newName(name: string): TagName {
  const known = ROLES.get(name)
  const prefix = `${name}=`
  const columnShape = known === undefined ? '' : `${prefix}{${known.column}}`
  return { name, prefix, role: known?.role, columnShape, number: names.size, next: undefined }
}
