import type { ScheduledGraph } from './adder-graph.ts';
import type { Size2d } from './graph.ts';
import type { VariantName } from './variant.ts';

/**
 * What travels on an edge. `tokens`: the non-zero values of a site with their channels.
 * `dense`: every value, channel implicit, zeros included. `logits`: 32-bit words.
 */
export interface StreamPlan {
  readonly kind: 'tokens' | 'dense' | 'logits';
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Tokens (values, words) a beat. */
  readonly tokensPerBeat: number;
  /** Whole sites in one beat (dense streams of few channels), a power of two. */
  readonly sitesPerBeat: number;
  /** Values a site takes in a dense beat, channels padded; 0 for token streams. */
  readonly valuesPerSite: number;
  /** Most tokens a site can have. */
  readonly maximumTokens: number;
  /** Beats of the longest site. */
  readonly maximumBeats: number;
  readonly channelBits: number;
  readonly valueBits: number;
  readonly valueSigned: boolean;
  /** Bits of one token on the wires. */
  readonly tokenBits: number;
  /** Bits of the beat's token count. */
  readonly countBits: number;
}

/** What a memory is made of. `ultra`: UltraRAM, which has no initial contents. */
export type MemoryKind = 'logic' | 'block' | 'ultra';

/** Where a layer reads, or an answer comes from: a port of what stands behind the giver. */
export interface EdgePlan {
  /** Index of the layer that gives; -1: the input of the network. */
  readonly from: number;
  /** Port of the giver's fork; 0 where it has one reader only. */
  readonly port: number;
  /** Beats of the FIFO in front of the reader; 0: none. */
  readonly fifoDepth: number;
  /** The FIFO lies in block memory. */
  readonly blockFifo: boolean;
}

/** Geometry of the windows of a layer, as the engines walk them. */
export interface WindowPlan {
  readonly input: { readonly channels: number; readonly height: number; readonly width: number };
  readonly kernel: Size2d;
  /** Rows and columns between kernel positions. */
  readonly dilation: Size2d;
  readonly stride: Size2d;
  readonly padTop: number;
  readonly padLeft: number;
  /** Windows pooled into one output site, and windows between two output sites. */
  readonly pool: Size2d;
  readonly poolStride: Size2d;
  /** Output sites after pooling. */
  readonly output: Size2d;
  /** Windows before pooling (some at the lower and right border may not be used). */
  readonly windows: Size2d;
}

/** k-WTA in the tail of an engine; `select`: of a wired layer, vectors of all channels in few beats. */
export interface WinnersTail {
  readonly kind: 'insert' | 'histogram' | 'select';
  /** Of each group. */
  readonly winners: number;
  /** Equal ranges of channels with a unit each, 1: all channels. */
  readonly groups: number;
  readonly tokensPerBeat: number;
}

export type TailPlan =
  | { readonly kind: 'logits'; readonly wordsPerBeat: number }
  | WinnersTail
  | { readonly kind: 'nonzero'; readonly tokensPerBeat: number };

/** The folding knobs of a layer of engines: what a planner chooses; everything else follows. */
export interface LayerChoice {
  /**
   * `max`: the maximum of every channel, for max-pooling. `wired`: constant weights as additions,
   * a column of inputs a cycle.
   */
  readonly core: 'sparse' | 'dense' | 'max' | 'wired';
  /** Engines: output sites computed at once. Wired core: tails that take vectors of sums in turn. */
  readonly engines: number;
  /**
   * Lanes: kernel positions (dense: kernel positions in lock step) consumed at once. Wired core: input
   * rows of a step.
   */
  readonly lanes: number;
  /**
   * Inputs a lane takes in one step; 1 for the sparse core. Wired core: windows of a step, 1 or as many as a
   * pooled site has rows of windows.
   */
  readonly values: number;
  /**
   * Sets (dense: outputs) multiplied at once; max core: banks of channels drained at once; wired core:
   * all outputs, and as many more as fill the last beat of a vector.
   */
  readonly setsParallel: number;
  /**
   * Groups of sets with token queues and weight words of their own (sparse core); divides
   * setsParallel, which are then all sets there are. 0: all sets read in lockstep, equally many
   * words at every index.
   */
  readonly queues: number;
  /**
   * The lanes share the channels instead of the kernel positions (with queues, a kernel of one
   * position, no padding; a power of two from 2 on).
   */
  readonly channelLanes: boolean;
  /** With queues: weight words in block memory, where logic would hold them as well. */
  readonly blockWeights: boolean;
  /** Weights that would lie in block memory lie in UltraRAM (only where they are loaded). */
  readonly ultraWeights: boolean;
  /** The store that would lie in block memory lies in UltraRAM. */
  readonly ultraStore: boolean;
  /**
   * For devices whose LUTs are no memory: the sums of a set have one bank, in block memory or registers. A window
   * begins when the one before is drained, and maxima leave with the last window of their group. Not there
   * elsewhere.
   */
  readonly oneBank?: 'block' | 'registers';
  /** There alone: products of the sparse core are rows of additions. */
  readonly multiplyRows?: true;
  /**
   * There alone, more than 1: a scale of the requantiser is made in so many cycles, of a part of its rows; a power of two,
   * at most 16. A beat of the drain then takes one cycle more than that.
   */
  readonly scaleCycles?: number;
  /** Weights come from memory beside the device (dense core); not there where the device holds them. */
  readonly streamWeights?: true;
  /** Sums a cycle while draining; divides setsParallel. */
  readonly drainWidth: number;
  /**
   * Sums a cycle into the requantiser; less than twice drainWidth. A drain beat is read in whole
   * parts, the last of them filled up with slots that are not used (wired core: it divides drainWidth).
   */
  readonly readWidth: number;
  /** Tokens (values) a beat of the layer's *input* stream, a power of two. */
  readonly inputTokens: number;
  /** Tokens a beat leaving the tail. */
  readonly tailTokens: number;
}

/** The knobs of what stands between engines: an addition, a concatenation, k-WTA over a map. */
export interface JoinChoice {
  readonly core: 'join';
  /** Tokens (values) a beat of every input stream, powers of two. */
  readonly inputTokens: readonly number[];
  /** Values an addition makes a cycle, a power of two. */
  readonly width: number;
}

interface LayerPlanBase {
  readonly index: number;
  readonly name: string;
  readonly origin: readonly string[];
  /** What it reads, in the order of its inputs. */
  readonly inputs: readonly EdgePlan[];
  readonly output: StreamPlan;
  /** Readers of the output: layers and answers. With more than one a fork stands behind it. */
  readonly readers: number;
  readonly outputChannels: number;
  /** Values of the Verilog parameters of its unit. */
  readonly parameters: Readonly<Record<string, number>>;
}

/** One layer of `window_engine`s. All numbers; nothing is derived again later. */
export interface EngineLayerPlan extends LayerPlanBase {
  readonly kind: 'window' | 'max-pool';
  readonly choice: LayerChoice;
  readonly window: WindowPlan;
  readonly input: StreamPlan;
  readonly tail: TailPlan;
  /** Sets in all, padded to setsParallel * folds. */
  readonly sets: number;
  readonly folds: number;
  /** Words of a set at one input index (1 where the sets are complementary). */
  readonly depth: number;
  readonly setSize: number;
  readonly packingEfficiency: number;
  /** Kernel positions a lane takes, at most. */
  readonly lanePositions: number;
  /** Steps a token (dense: a group of values) takes: folds * depth. */
  readonly words: number;
  /** Where the lanes share the channels: how each row of channels is dealt, see `token_owners`. */
  readonly turns: readonly number[];
  /** Of every queue, by kernel position x channels + channel: words a token reads there. */
  readonly queueWords: readonly (readonly number[])[];
  /** Words that the busiest queue of a lane reads for a window, mean of calibration; 0: none. */
  readonly windowWords: number;
  /** Sums of one set in one bank. */
  readonly sumDepth: number;
  readonly sumBits: number;
  /** Beats to drain a window. */
  readonly drainBeats: number;
  readonly rowsInStore: number;
  /** Drain slot (beat * drainWidth + position) -> output channel, -1 for an unused slot. */
  readonly slots: readonly number[];
  /** First window of every engine: top left input site, relative to the map. */
  readonly starts: readonly { readonly top: number; readonly left: number }[];
  /** 0 where nothing is multiplied. */
  readonly multipliers: number;
  readonly weightBits: number;
  /** Cycles from the issue of a token to its product being in the sum. */
  readonly coreLatency: number;
  /** Cycles from the load of a window to its first product in a sum, less 1. */
  readonly fillLatency: number;
  readonly drainLatency: number;
  readonly requantiseLatency: number;
  /** File parameters of `window_engine`; several files are one per lane. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  /** Of a wired core alone: what its weights are. */
  readonly wired?: ScheduledGraph;
  /** Where weights come from memory beside the device alone. */
  readonly streamed?: StreamedWeights;
}

/** The weights of a layer in the stream from memory beside the device. */
export interface StreamedWeights {
  /** Words of a period: each is used once by every window. */
  readonly words: number;
  readonly beatsPerWord: number;
  /** Cycles a period of all layers takes: from a word until it comes again, and so a window. */
  readonly periodCycles: number;
}

/** `join_add`: two feature maps added site by site. */
export interface AddLayerPlan extends LayerPlanBase {
  readonly kind: 'add';
  readonly choice: JoinChoice;
  readonly inputStreams: readonly StreamPlan[];
}

/** `join_concat`: feature maps side by side. */
export interface ConcatLayerPlan extends LayerPlanBase {
  readonly kind: 'concat';
  readonly choice: JoinChoice;
  readonly inputStreams: readonly StreamPlan[];
}

/** `map_winners`: k-WTA over a whole feature map, which it keeps until the last site has come. */
export interface WinnersLayerPlan extends LayerPlanBase {
  readonly kind: 'winners';
  /** `width` is the input's. */
  readonly choice: JoinChoice;
  /** One. */
  readonly inputStreams: readonly StreamPlan[];
}

/** What stands between engines. */
export type JoinLayerPlan = AddLayerPlan | ConcatLayerPlan | WinnersLayerPlan;
export type LayerPlan = EngineLayerPlan | JoinLayerPlan;

/** Whether a layer is made of `window_engine`s. */
export function hasEngines(layer: LayerPlan): layer is EngineLayerPlan {
  return layer.kind === 'window' || layer.kind === 'max-pool';
}

/** What a layer reads, in the order of its inputs. */
export function inputStreamsOf(layer: LayerPlan): readonly StreamPlan[] {
  return hasEngines(layer) ? [layer.input] : layer.inputStreams;
}

/** A memory image in `hdl/`, one hexadecimal word a line. */
export interface MemoryPlan {
  readonly file: string;
  readonly layer: string;
  readonly purpose: 'weights' | 'pointers' | 'turns' | 'requantise' | 'permutation';
  readonly widthBits: number;
  readonly depth: number;
  /** Instances of this memory in one copy. */
  readonly instances: number;
  readonly memory: MemoryKind;
  readonly sha256: string;
}

export interface InputPlan {
  /** Bits of an input beat of `nzflow_top`. */
  readonly beatBits: number;
  readonly valuesPerBeat: number;
  readonly beatsPerInference: number;
  /** Beats of the first layer's stream in one input beat. */
  readonly partsPerBeat: number;
  /** Beats of the first layer's stream an inference. */
  readonly streamBeats: number;
  /** Input beats a copy can hold before its first layer takes them. */
  readonly fifoDepth: number;
  readonly stream: StreamPlan;
  readonly scale: number;
  /** Layers that read the input, and with more than one a fork behind the splitter. */
  readonly readers: number;
}

/** One answer of the network: its sites in raster order, the channels of a site in order. */
export interface AnswerPlan {
  /** Name of the output in the model. */
  readonly name: string;
  readonly edge: EdgePlan;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly beatsPerSite: number;
  /** By channel: real value = word * scale. */
  readonly scale: readonly number[];
}

/** The output of `nzflow_top`: 32-bit words, one answer after the other. */
export interface OutputPlan {
  readonly beatBits: number;
  readonly wordsPerBeat: number;
  /** Words of all answers, without those that fill up the last beat of a site. */
  readonly words: number;
  readonly beatsPerInference: number;
  /** In the order of the model. */
  readonly answers: readonly AnswerPlan[];
}

/** The load stream of a design whose weights come at run time. */
export interface LoadPlan {
  /** Bits of a beat. */
  readonly beatBits: number;
  /** Beats that fill all memories, with header and trailer. */
  readonly beats: number;
  /** SHA-256 of everything in the plan that other weights have to agree with. */
  readonly structure: string;
}

/** Words of one layer in a period of the weight stream. */
export interface WeightSection {
  /** Index of the layer. */
  readonly layer: number;
  readonly words: number;
  readonly beatsPerWord: number;
}

/** A rate: so many beats in so many cycles, whole numbers, at most one beat a cycle. */
export interface BeatRate {
  readonly beats: number;
  readonly cycles: number;
}

/** The stream of weights from memory beside the device: the same beats again and again. */
export interface WeightStreamPlan {
  readonly beatBits: number;
  /** Beats of a period: the file of weights. */
  readonly beats: number;
  /** What the memory gives. */
  readonly rate: BeatRate;
  /** Beats that are read ahead. */
  readonly fifoDepth: number;
  /** In the order in which they come. */
  readonly sections: readonly WeightSection[];
  /** SHA-256 of the beats of a period, low byte first. */
  readonly sha256: string;
}

/** One direction of the AXI4-Stream around a design: an inference is a whole number of bus beats. */
export interface AxiStreamPlan {
  /** Bits a beat of `nzflow_top` has on the bus: a power of two, the low ones used. */
  readonly slotBits: number;
  /** Bus beats an inference. */
  readonly beats: number;
  /** Bytes that the last of them uses. */
  readonly lastBytes: number;
}

/** The AXI interfaces of `nzflow_axi`, with performance counters. */
export interface AxiPlan {
  /** Bits of the data streams, a power of two from 8 to 1024. */
  readonly dataBits: number;
  readonly input: AxiStreamPlan;
  readonly output: AxiStreamPlan;
  /** Bits of a number of events in a cycle, all copies together. */
  readonly eventBits: number;
  /** An XRT kernel around `nzflow_axi`: `nzflow_kernel`, which lets inferences begin by itself. */
  readonly kernel?: true | undefined;
}

/** Every number of one variant's hardware: the content of plan.json. */
export interface Plan {
  readonly planVersion: 2;
  readonly tool: { readonly name: string; readonly version: string };
  readonly model: { readonly name: string; readonly sha256: string };
  readonly board: string;
  readonly clockMHz: number;
  readonly variant: VariantName;
  readonly copies: number;
  readonly input: InputPlan;
  readonly output: OutputPlan;
  readonly layers: readonly LayerPlan[];
  /** In the order of their numbers in the load stream. */
  readonly memories: readonly MemoryPlan[];
  /** Only where weights are loaded at run time; else memories have initial contents. */
  readonly load?: LoadPlan;
  /** Only where weights come from memory beside the device. */
  readonly weightStream?: WeightStreamPlan;
  /** Only where bus interfaces were asked for. */
  readonly axi?: AxiPlan;
}

/** A file of the emitted design. */
export interface DesignFile {
  readonly name: string;
  readonly content: string;
}
