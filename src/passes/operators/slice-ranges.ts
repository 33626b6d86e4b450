import { intsAttribute } from '../attributes.ts';
import { numbersOf, optionalConstant, refuse, type OperatorContext } from '../operator-rule.ts';

/** What an ONNX Slice takes of an axis, as written: places below 0 count from the end. */
export interface SliceRange {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Ranges of a Slice: attributes before operator set 10, inputs from there. */
export function sliceRanges(context: OperatorContext): readonly SliceRange[] {
  const list = (name: string, position: number): readonly number[] | null => {
    const attribute = intsAttribute(context.node, name);
    if (attribute !== null) return attribute;
    const tensor = optionalConstant(context, position, name);
    if (tensor === null) return null;
    const numbers = numbersOf(tensor);
    if (!numbers.every(Number.isInteger)) refuse(`${name} are not integers`);
    return numbers;
  };
  const starts = list('starts', 1) ?? [];
  const ends = list('ends', 2) ?? [];
  const axes = list('axes', 3);
  const steps = list('steps', 4);
  if (steps?.includes(0) === true) refuse('it has a step of 0');
  return starts.map((start, index) => ({
    axis: axes?.[index] ?? index,
    start,
    end: ends[index] ?? start,
    step: steps?.[index] ?? 1,
  }));
}

/** Places that a range takes of an axis of `length`, in order (ONNX Slice clamps both ends). */
export function placesOf({ start, end, step }: SliceRange, length: number): readonly number[] {
  const fromFront = (place: number): number => (place < 0 ? place + length : place);
  const lowest = step > 0 ? 0 : -1;
  const highest = step > 0 ? length : length - 1;
  const clamp = (place: number): number => Math.min(highest, Math.max(lowest, fromFront(place)));
  const places: number[] = [];
  const last = end < -length ? lowest : clamp(end);
  for (let place = clamp(start); step > 0 ? place < last : place > last; place += step) {
    places.push(place);
  }
  return places;
}
