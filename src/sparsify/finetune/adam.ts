/** The state of Adam (Kingma & Ba 2015) for one array of parameters. */
export interface Adam {
  /** One step with the gradients, which are 0 afterwards. */
  readonly step: (values: Float64Array, gradients: Float64Array, rate: number) => void;
}

const meanDecay = 0.9;
const squareDecay = 0.99;
const floor = 1e-8;

export function adam(size: number): Adam {
  const means = new Float64Array(size);
  const squares = new Float64Array(size);
  let meanLeft = 1;
  let squareLeft = 1;
  return {
    step: (values, gradients, rate) => {
      meanLeft *= meanDecay;
      squareLeft *= squareDecay;
      const meanScale = rate / (1 - meanLeft);
      const squareScale = 1 / (1 - squareLeft);
      for (let at = 0; at < size; at += 1) {
        const gradient = gradients[at] ?? 0;
        const mean = meanDecay * (means[at] ?? 0) + (1 - meanDecay) * gradient;
        const square = squareDecay * (squares[at] ?? 0) + (1 - squareDecay) * gradient * gradient;
        means[at] = mean;
        squares[at] = square;
        const size = Math.sqrt(square * squareScale) + floor;
        values[at] = (values[at] ?? 0) - (meanScale * mean) / size;
        gradients[at] = 0;
      }
    },
  };
}
