interface SkeletonProps {
  readonly rows: number
  /** What is being loaded, for who cannot see it. */
  readonly label: string
}

/** Stands where rows will be, so that nothing jumps when they come. */
export function Skeleton({ rows, label }: SkeletonProps) {
  return (
    <div class="skeleton" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} />
      ))}
    </div>
  )
}
