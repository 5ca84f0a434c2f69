import type { ComponentChildren } from 'preact'
import type { LucideIcon } from 'lucide-preact'

interface NoticeProps {
  readonly icon: LucideIcon
  readonly title: string
  readonly children?: ComponentChildren
  /** Buttons or links: what to do now. */
  readonly actions?: ComponentChildren
  /** An error is read out at once. */
  readonly isAlert?: boolean
}

/** What stands where there is nothing else to show: why, and what to do. */
export function Notice({ icon: Icon, title, children, actions, isAlert = false }: NoticeProps) {
  return (
    <div class="notice" role={isAlert ? 'alert' : 'status'}>
      <Icon size={32} aria-hidden="true" />
      <h2>{title}</h2>
      {children}
      {actions === undefined ? null : <div class="actions">{actions}</div>}
    </div>
  )
}
