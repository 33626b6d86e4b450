import { integerBetween } from '../../evaluate/random-graph.ts';
import type { Random } from '../../evaluate/random-graph.ts';
import { mutateBytes, oneOf } from './mutate-bytes.ts';
import { oddJson, oddNames } from './odd-values.ts';

type Container = Record<string, unknown> | unknown[];

const isContainer = (value: unknown): value is Container =>
  typeof value === 'object' && value !== null;

/** Text of a JSON document with a few values, keys or members changed, sometimes bytes as well. */
export function mutateJson(random: Random, text: string): string {
  if (random() < 0.1) return bytesOf(random, text);
  const document: unknown = JSON.parse(text);
  for (let changes = integerBetween(random, 1, 3); changes > 0; changes -= 1) {
    const place = somewhere(random, document);
    if (place !== null) change(random, place);
  }
  const changed = JSON.stringify(document);
  return random() < 0.1 ? bytesOf(random, changed) : changed;
}

function bytesOf(random: Random, text: string): string {
  return Buffer.from(mutateBytes(random, Buffer.from(text))).toString('utf8');
}

/** A container inside, shallow ones and deep ones. */
function somewhere(random: Random, document: unknown): Container | null {
  let place = isContainer(document) ? document : null;
  while (place !== null && random() < 0.8) {
    const inner = Object.values(place).filter(isContainer);
    if (inner.length === 0) break;
    place = oneOf(random, inner);
  }
  return place;
}

function change(random: Random, place: Container): void {
  const keys = Object.keys(place);
  if (keys.length === 0) return;
  const key = oneOf(random, keys);
  if (Array.isArray(place)) {
    const at = Number(key);
    const other = integerBetween(random, 0, place.length - 1);
    switch (integerBetween(random, 0, 4)) {
      case 0:
        place.splice(at, 1);
        break;
      case 1:
        place.splice(at, 0, structuredClone(place[other]));
        break;
      case 2:
        place.length = 0;
        break;
      default:
        place[at] = oddJson(random);
    }
    return;
  }
  switch (integerBetween(random, 0, 5)) {
    case 0:
      Reflect.deleteProperty(place, key);
      break;
    case 1:
      place[
        oneOf(
          random,
          oddNames.filter((name) => name !== '__proto__'),
        )
      ] = place[key];
      break;
    case 2:
      place[key] = place[oneOf(random, keys)];
      break;
    default:
      place[key] = oddJson(random);
  }
}
