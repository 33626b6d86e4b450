import { fileURLToPath } from 'node:url';
import type { Proof } from '../prove.ts';

type Winners = Pick<Proof, 'module' | 'parameters' | 'steps' | 'coverSteps' | 'images'>;

const small = { OutBits: 2, ChannelBits: 2 };
const map = { Channels: 2, Sites: 2, ChannelBits: 1, ValueBits: 2 };

const list: readonly Winners[] = [
  { module: 'kwta_insert', parameters: { ...small, K: 2, T: 1 }, steps: 12 },
  { module: 'kwta_insert', parameters: { ...small, K: 2, T: 1, Signed: 1 }, steps: 10 },
  { module: 'kwta_insert', parameters: { ...small, K: 3, T: 2 }, steps: 11 },
  {
    module: 'kwta_select',
    parameters: { ...small, N: 4, K: 1, R: 4, Beats: 1, T: 1, Vectors: 2 },
    steps: 17,
  },
  {
    module: 'kwta_select',
    parameters: { ...small, N: 3, K: 2, R: 4, Beats: 1, T: 1, Vectors: 2, Signed: 1 },
    steps: 17,
  },
  { module: 'kwta_groups', parameters: { ...small, Channels: 4, Beats: 4, K: 1 }, steps: 13 },
  {
    module: 'kwta_histogram',
    parameters: { N: 3, K: 1, R: 1, Beats: 3, T: 1, OutBits: 4, ChannelBits: 2 },
    images: { 'kwta_histogram.mem': '1\n2\n0\n' },
    steps: 39,
    coverSteps: 70,
  },
  {
    module: 'map_winners',
    parameters: { ...map, K: 2, T: 1, SiteBeats: 2, MapBeats: 4 },
    steps: 33,
    coverSteps: 60,
  },
  {
    module: 'map_winners',
    parameters: { ...map, K: 1, T: 2, SiteBeats: 1, MapBeats: 2 },
    steps: 30,
    coverSteps: 60,
  },
  {
    module: 'map_winners',
    parameters: { ...map, K: 1, KeepTies: 1, T: 1, SiteBeats: 2, MapBeats: 4 },
    steps: 26,
    coverSteps: 60,
  },
];

/** Units that choose winners, against what they have to choose. */
export const winnerProofs: readonly Proof[] = list.map((proof) => ({
  ...proof,
  bounded: true,
  solver: 'abc',
  sources: [fileURLToPath(new URL('winners-check.v', import.meta.url))],
}));
