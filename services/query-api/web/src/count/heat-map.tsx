import { WEEKDAYS } from '../calendar/month.ts'
import { DAY_HOURS } from '../place/time.ts'
import { countText, numberText } from '../ui/number.ts'
import { SHADES_MAX, shadeOf } from '../ui/shade.ts'
import type { Heat } from './heat.ts'
import '../ui/shade.css'
import './heat-map.css'

const HOURS = Array.from({ length: DAY_HOURS }, (_, hour) => hour)
/** Every so many hours one is named. */
const NAMED_HOURS = 3

/** How much was said at each hour of the week, UTC. */
export function HeatMap({ heat: { rows, most } }: { readonly heat: Heat }) {
  return (
    <figure class="heat">
      <table>
        <caption class="unseen">Messages an hour on average, by weekday and hour, UTC</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">Weekday</span>
            </th>
            {HOURS.map((hour) => (
              <th key={hour} scope="col">
                <span class={hour % NAMED_HOURS === 0 ? undefined : 'unseen'}>{hour}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {WEEKDAYS.map((name, day) => (
            <tr key={name}>
              <th scope="row" aria-label={name}>
                {name.slice(0, 3)}
              </th>
              {HOURS.map((hour) => (
                <HeatCell
                  key={hour}
                  name={`${name} ${hour}:00`}
                  mean={rows[day]?.[hour] ?? 0}
                  most={most}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <figcaption class="heat-scale small quiet">
        <span>0</span>
        {Array.from({ length: SHADES_MAX + 1 }, (_, shade) => (
          <i key={shade} class="shade" data-shade={shade} />
        ))}
        <span>{countText(Math.ceil(most), 'message')} an hour and more, on average</span>
      </figcaption>
    </figure>
  )
}

interface HeatCellProps {
  readonly name: string
  readonly mean: number
  readonly most: number
}

function HeatCell({ name, mean, most }: HeatCellProps) {
  const said = numberText(mean < 10 ? Math.round(mean * 10) / 10 : Math.round(mean))
  return (
    <td
      class="shade"
      data-shade={shadeOf(mean, most)}
      title={`${name}, ${said} messages on average`}
    >
      <span class="unseen">{said}</span>
    </td>
  )
}
