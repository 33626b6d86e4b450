/** A set of kernels, 32 to a word. */
export type KernelBitset = Uint32Array;

/** An empty set for `kernels` kernels. */
export function emptyBitset(kernels: number): KernelBitset {
  return new Uint32Array(Math.ceil(kernels / 32));
}

export function hasBit(bits: KernelBitset, kernel: number): boolean {
  return (((bits[kernel >>> 5] ?? 0) >>> (kernel & 31)) & 1) === 1;
}

export function setBit(bits: KernelBitset, kernel: number): void {
  const word = kernel >>> 5;
  bits[word] = (bits[word] ?? 0) | (1 << (kernel & 31));
}

export function clearBit(bits: KernelBitset, kernel: number): void {
  const word = kernel >>> 5;
  bits[word] = (bits[word] ?? 0) & ~(1 << (kernel & 31));
}

/** The kernels in both sets, as a new set. */
export function intersection(left: KernelBitset, right: KernelBitset): KernelBitset {
  const both = new Uint32Array(left.length);
  for (let word = 0; word < left.length; word += 1) {
    both[word] = (left[word] ?? 0) & (right[word] ?? 0);
  }
  return both;
}

/** How many kernels are in both sets. */
export function countCommon(left: KernelBitset, right: KernelBitset): number {
  let count = 0;
  for (let word = 0; word < left.length; word += 1) {
    count += populationCount((left[word] ?? 0) & (right[word] ?? 0));
  }
  return count;
}

/** True when no kernel is in both sets. */
export function disjoint(left: KernelBitset, right: KernelBitset): boolean {
  for (let word = 0; word < left.length; word += 1) {
    if (((left[word] ?? 0) & (right[word] ?? 0)) !== 0) return false;
  }
  return true;
}

/** The kernels of a set, ascending. */
export function listBits(bits: KernelBitset): number[] {
  const kernels: number[] = [];
  bits.forEach((word, at) => {
    let rest = word;
    while (rest !== 0) {
      kernels.push(at * 32 + 31 - Math.clz32(rest & -rest));
      rest &= rest - 1;
    }
  });
  return kernels;
}

function populationCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
