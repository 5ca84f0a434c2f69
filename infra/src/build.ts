import { buildPage } from './page.ts'

buildPage()
