import { z } from 'zod';

/** A whole number of things. */
export const count = z.int().nonnegative();

/** A share of something, 0 to 1. */
export const fraction = z.number().min(0).max(1);

/** Any finite amount from 0 up. */
export const nonNegative = z.number().nonnegative();
