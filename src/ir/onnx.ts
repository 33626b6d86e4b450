/**
 * An ONNX model as read: names resolved, numbers in typed arrays, nodes in topological
 * order. Nothing is interpreted yet.
 */
export interface OnnxModel {
  /** From the file name (its folder where the file is called `model.onnx`). */
  readonly name: string;
  /** Name and version of the exporter, for messages; may be empty. */
  readonly producer: string;
  /** Version of the default operator set. */
  readonly opset: number;
  /** Versions of the other operator sets it names, by domain (`com.microsoft`). */
  readonly domains: ReadonlyMap<string, number>;
  /** Graph inputs that have no initialiser. */
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  /** Every input is a graph input, an initialiser, or the output of an earlier node. */
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  /** Names of the files with external data, relative to the model's folder, in order. */
  readonly externalFiles: readonly string[];
}

/** A length that is fixed, symbolic (by name), or not told. */
export type OnnxDimension = number | string | null;

export interface OnnxValueInfo {
  readonly name: string;
  /** ONNX name of the element type (`FLOAT`), or null when not told. */
  readonly elementType: string | null;
  /** Null when the rank is not told. */
  readonly shape: readonly OnnxDimension[] | null;
}

export interface OnnxNode {
  /** Unique in the model; made from operator and output where the file has none. */
  readonly name: string;
  readonly operator: string;
  /** Empty for the operators of the ONNX standard. */
  readonly domain: string;
  /** An omitted optional input is an empty string. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export type OnnxAttribute =
  | { readonly kind: 'float'; readonly value: number }
  /** Beyond 2^53 rounded. */
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  /** Beyond 2^53 rounded. */
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  /** A sub-graph or another type that no supported operator has. */
  | { readonly kind: 'other'; readonly value: null };

/**
 * Element types after reading. Half and bfloat16 are widened to float32, unsigned integers of
 * 32 and 64 bits to int64; narrow integers keep their name, because quantised models clamp to it.
 */
export type OnnxElementType =
  | 'float32'
  | 'float64'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'uint16'
  | 'int8'
  | 'uint8'
  | 'int4'
  | 'uint4'
  | 'bool';

export interface OnnxTensor {
  readonly name: string;
  readonly elementType: OnnxElementType;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
  /**
   * C order, as many values as the shape has. Integers of up to 32 bits are in an `Int32Array`;
   * bool is 0 or 1.
   */
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;
}
