import type { Proof } from '../prove.ts';
import { axiProofs } from './axi.ts';
import { engineProofs } from './engine.ts';
import { tailProofs } from './tail.ts';
import { unitProofs } from './units.ts';
import { winnerProofs } from './winners.ts';

/** Every proof of the tests. */
export const allProofs: readonly Proof[] = [
  ...engineProofs,
  ...tailProofs,
  ...winnerProofs,
  ...unitProofs,
  ...axiProofs,
];

const streamRules = 'stream rules of the output';
const winners = 'exactly the K largest leave, of ties those with the lowest numbers, zeros never';
const announced = 'a vector is announced to it only while there is room, and none is written over';

/** What a module states about itself, in words; the statements are in its file. */
export const propertiesOf: Readonly<Record<string, string>> = {
  answer_stream: `${streamRules}; every word is its value with zeros or its sign above; a site has the beats of its channels, an inference ends with its last site`,
  axi_frame_in: `${streamRules}; inferences leave whole; every beat is given or discarded, what is filled in is 0; a packet that is too short or too long is told, and only such a one`,
  axi_frame_out: `${streamRules}; packets have the beats of their inferences and end there, the bytes in use are marked; a packet that has begun ends after a flush`,
  axi_lite_slave:
    'a response for every request and none without one, held until it is taken; one write strobe with its own address and data; reads give the word of their address',
  axi_narrow: `${streamRules}; every part in its order, the input is taken with its last part and not before`,
  axi_widen: `${streamRules}; every part is at its place in the beat it belongs to, and 0 behind the last`,
  base_sum: 'the sum is exact',
  beat_splitter: `${streamRules}; every part in its order; site ends where sites end; an input beat is taken with its last part`,
  block_fifo: `${streamRules}; any word comes out in its turn, unchanged; full and empty are told as they are`,
  burst_planner:
    'bursts follow each other without a gap, none crosses a block or 4 KiB, none is shorter than it has to be',
  core_reset: 'low for exactly its cycles behind who asks, high else',
  delay_line: 'the word of so many cycles ago',
  densify: `${streamRules}; any channel of a site has its value, absent ones 0; the input waits only behind two whole sites`,
  event_counters: 'any counter counts every event; a snapshot is read back whole, both halves',
  event_adder: 'every number is the sum of its two, a cycle later',
  inference_distributor: `${streamRules}; every beat goes to the copy whose turn it is, unchanged, and to no other`,
  join_add: `${streamRules}; no site leaves that has not come on both sides; where the output is dense, any row has the values of the formula and comes in its turn`,
  join_concat: `${streamRules}; any token is at its place of its site; beats but the last of a site are full`,
  kwta_groups: `${streamRules}; ready stays until it is used; ${winners}, of each group`,
  kwta_histogram: `${streamRules}; ready stays until it is used; ${winners}, in channel order; a histogram is filled only behind its scan`,
  kwta_insert: `${streamRules}; ${winners}, largest first; ready stays until it is used; a vector leaves the cells before the next one enters; beats but the last are full`,
  kwta_select: `${streamRules}; ${winners}, in channel order; ready stays until it is used; ${announced}; beats but the last are full`,
  logit_buffer: `${streamRules}; ready stays until it is used; ${announced}`,
  map_winners: `${streamRules}; of values without a sign ${winners}; no site leaves before its map is whole; the input waits only between maps, behind two of them; nothing is counted where the search clears`,
  maximum_tree: 'no term is larger than the result, and one is as large',
  memory_reader:
    'bursts are the run, one behind the other, none crosses 4 KiB, and there is room for what they bring; every beat is given in its turn, unchanged; last where it belongs; busy until all is given',
  memory_writer:
    'bursts are the run, one behind the other, none crosses 4 KiB, and all of their beats are there; every beat is written in its turn, unchanged; busy until all bursts are answered',
  relu_pack: `${streamRules}; ready stays until it is used; ${announced}; beats but the last are full`,
  requantise:
    'every value is that of the formula, whatever the sum, as many cycles later as the header says, with its channel',
  saturating_sum: 'the sum, or the largest number where it is larger',
  serial_receiver:
    'a byte that is sent comes, after the cycles of the header; a byte or a break behind the last sample and at no other time, with what the line had in the middle of its bits',
  serial_transmitter:
    'start bit, the byte from its low bit on and stop bit, each for its cycles; the line is high in between; ready exactly then',
  set_queue: 'no word is lost or read twice; the words of a token are read one after another',
  simple_memory: 'any address: what was written there last is what is read',
  site_merge: `${streamRules}; what leaves is what the port whose turn it is offers, a whole site each; no other port is taken from`,
  site_store:
    'nothing is written where a beat lies that is still needed; the input waits only between rows, with all rows full',
  stream_fork:
    'every port gets every beat once, unchanged; an offer stands until it is taken; the input is taken with the last port',
  stream_register: `${streamRules}; any word comes out in its turn, unchanged`,
  tie_room: 'min(4, max(0, wanted - had))',
  token_fifo: `${streamRules}; any word comes out in its turn, unchanged; full and empty are told as they are`,
  value_above: 'larger and equal as they are',
  weight_follower:
    'the place of the next word is that of the formula; a window takes every word of a period once, and is complete then; it is ready as soon as its last site is written',
  weight_loader:
    'no inference is inside while memories are written, and what reads them is in reset; every data beat is written once, at its place; loaded and error as the stream says, its CRC computed apart; run_o to the cycle',
  weight_memory: 'what is read is the word of the file, or what was loaded there last',
  weight_stream:
    'a whole word stays until it is taken, goes to one section, and is given once, as it came',
  word_select: 'the word of the index',
};
