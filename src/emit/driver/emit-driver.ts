import type { DesignFile, Plan } from '../../ir/plan.ts';
import type { DriverFacts } from '../../plan/interfaces/driver-facts.ts';
import { designHeader, designJson } from './design-facts.ts';
import { registersHeader } from './registers-header.ts';
import { registersMarkdown } from './registers-markdown.ts';

/** What drivers know of a design with bus interfaces; the drivers themselves are in `drivers/`. */
export function emitDriver(plan: Plan, facts: DriverFacts): readonly DesignFile[] {
  return [
    { name: 'nzflow_design.h', content: designHeader(plan, facts) },
    { name: 'nzflow_design.json', content: designJson(plan, facts) },
    { name: 'nzflow_registers.h', content: registersHeader(plan) },
    { name: 'registers.md', content: registersMarkdown(plan) },
  ];
}
