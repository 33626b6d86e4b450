/**
 * Where two values of the same kind differ, a line each: `parameters.High is 200, the design has
 * 255`. Objects are compared field by field whatever their order, a field that is missing is
 * `nothing`.
 */
export function differencesBetween(design: unknown, wanted: unknown, path = ''): readonly string[] {
  if (isObject(design) && isObject(wanted)) {
    const keys = new Set([...Object.keys(design), ...Object.keys(wanted)]);
    return [...keys].flatMap((key) => {
      return differencesBetween(design[key], wanted[key], path === '' ? key : `${path}.${key}`);
    });
  }
  if (design === wanted || JSON.stringify(design) === JSON.stringify(wanted)) return [];
  return [`${path} is ${textOf(wanted)}, the design has ${textOf(design)}`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
