import type { Plan } from '../ir/plan.ts';

/** plan.json: one line a field or list of numbers, the same bytes for the same plan. */
export function planText(plan: Plan): string {
  return `${format(plan, '')}\n`;
}

function format(value: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    if (items.every((item) => typeof item !== 'object')) return JSON.stringify(items);
    return `[\n${items.map((item) => inner + format(item, inner)).join(',\n')}\n${indent}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([key, field]) => `${inner}${JSON.stringify(key)}: ${format(field, inner)}`,
  );
  return fields.length === 0 ? '{}' : `{\n${fields.join(',\n')}\n${indent}}`;
}
