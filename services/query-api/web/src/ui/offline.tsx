import { CloudOff } from 'lucide-preact'
import { useEffect, useState } from 'preact/hooks'

/** Says that the device has no network, as far as the browser knows; what is loaded stays. */
export function Offline() {
  const [isOnline, setOnline] = useState(navigator.onLine)
  useEffect(() => {
    const update = (): void => setOnline(navigator.onLine)
    window.addEventListener('online', update)
    window.addEventListener('offline', update)
    return () => {
      window.removeEventListener('online', update)
      window.removeEventListener('offline', update)
    }
  }, [])
  return (
    <div role="status">
      {isOnline ? null : (
        <p class="offline">
          <CloudOff size={16} aria-hidden="true" />
          You are offline. What is on this page stays; the rest comes when you are back.
        </p>
      )}
    </div>
  )
}
