import { QueryClientProvider } from '@tanstack/preact-query'
import { render } from 'preact'
import { queryClient } from './api/query-client.ts'
import { App } from './app.tsx'
import './styles/tokens.css'
import './styles/base.css'
import './ui/ui.css'
import './app.css'

const root = document.getElementById('page')
if (root === null) throw new Error('the page has no place to be shown in')
render(
  <QueryClientProvider client={queryClient}>
    <App />
  </QueryClientProvider>,
  root,
)
