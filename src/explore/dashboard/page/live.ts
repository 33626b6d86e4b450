import type { DashboardData } from '../dashboard-schema.ts';
import { part } from './element.ts';

/** Follows a search that is under way; says in the page how it stands. */
export function followSearch(take: (data: DashboardData) => void): void {
  const status = part('live', HTMLParagraphElement);
  const say = (text: string): void => {
    status.textContent = text;
  };
  say('Live.');
  const source = new EventSource('events');
  source.addEventListener('snapshot', ({ data }) => {
    take(JSON.parse(String(data)) as DashboardData);
    say(`Live, as of ${new Date().toLocaleTimeString()}.`);
  });
  source.addEventListener('end', () => {
    source.close();
    say('The search has ended; this is where it stands.');
  });
  source.addEventListener('error', () => {
    say('No connection to the search; this is where it stood.');
  });
}
