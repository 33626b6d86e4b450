/** The metric that the last task adds: accuracy on the samples that no choice depends on. */
export const heldOutMetric = 'accuracyHeldOut';
