#include "block_team.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace nzflow {
namespace {

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  _mm_pause();
#else
  std::this_thread::yield();
#endif
}

/// Looks so often before it lets others have the core: longer than a design takes between two edges.
constexpr int kLooks = 2000;
/// Gives the core away so often before it sleeps: one copy alone, or a machine with too few cores.
constexpr int kYields = 200;

/// Whether this thread evaluates blocks for the team.
thread_local bool at_work = false;

/// Families inside of these blocks may have threads.
void evaluate_alone(const std::vector<EdgeBlock*>& blocks) {
  for (EdgeBlock* block : blocks) {
    if (block->wants_edge()) block->edge_ahead();
  }
}

/// Every n-th block, of one thread. Its blocks are the same at every edge, so that they stay in the cache of
/// its core; others help when they have none left.
struct alignas(64) Share {
  /// Number of the edge in the upper bits, blocks that nobody has taken in the lower ones: a thread that comes
  /// late finds none of an edge that is over, and cannot take one of the next by mistake.
  std::atomic<std::uint64_t> left{0};
};

using Clock = std::chrono::steady_clock;

/// Edges of a trial, and between two.
constexpr int kTrial = 8;
constexpr int kBetween = 1000;

void next_trial(BlockFamily& family) {
  using Trial = BlockFamily::Trial;
  switch (family.trial) {
    case Trial::kNone:
      family.trial = Trial::kAlone;
      family.seconds_alone = family.seconds_together = std::numeric_limits<double>::infinity();
      family.together = false;
      break;
    case Trial::kAlone:
      family.trial = Trial::kTogether;
      family.together = true;
      break;
    case Trial::kTogether:
      family.trial = Trial::kNone;
      family.together = family.seconds_together < family.seconds_alone;
      break;
  }
  family.edges_left = family.trial == Trial::kNone ? kBetween : kTrial;
}

constexpr int kBlockBits = 24;
constexpr std::uint64_t kBlockMask = (std::uint64_t{1} << kBlockBits) - 1;

}  // namespace

struct BlockTeam::Shared {
  explicit Shared(std::size_t threads) : shares(threads) {}

  std::vector<Share> shares;
  /// Number of the edge; a change is what the members wait for.
  alignas(64) std::atomic<std::uint64_t> edge{0};
  std::atomic<EdgeBlock* const*> blocks{nullptr};
  std::atomic<bool> ends{false};
  /// Blocks of this edge that were evaluated.
  alignas(64) std::atomic<std::size_t> done{0};
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<int> sleepers{0};
  /// What the first block that failed threw.
  std::exception_ptr failure;
  std::vector<std::thread> members;

  /// A block of a share that nobody has, null when there is none.
  EdgeBlock* take(std::size_t share) {
    std::atomic<std::uint64_t>& left = shares[share].left;
    std::uint64_t seen = left.load(std::memory_order_acquire);
    while ((seen & kBlockMask) != 0) {
      EdgeBlock* const* first = blocks.load(std::memory_order_relaxed);
      if (left.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel,
                                     std::memory_order_acquire)) {
        return first[share + ((seen & kBlockMask) - 1) * shares.size()];
      }
    }
    return nullptr;
  }

  void evaluate(std::size_t own) {
    at_work = true;
    for (std::size_t step = 0; step < shares.size(); ++step) {
      while (EdgeBlock* block = take((own + step) % shares.size())) {
        try {
          if (block->wants_edge()) block->edge_ahead();
        } catch (...) {
          const std::lock_guard<std::mutex> lock(mutex);
          if (failure == nullptr) failure = std::current_exception();
        }
        done.fetch_add(1, std::memory_order_release);
      }
    }
    at_work = false;
  }

  /// Until the edge is another than `seen`.
  void await(std::uint64_t seen) {
    for (int look = 0; look < kLooks + kYields; ++look) {
      if (edge.load(std::memory_order_acquire) != seen) return;
      if (look < kLooks) pause();
      else std::this_thread::yield();
    }
    std::unique_lock<std::mutex> lock(mutex);
    sleepers.fetch_add(1);
    wake.wait(lock, [&] { return edge.load() != seen; });
    sleepers.fetch_sub(1);
  }

  void begin_edge() {
    edge.fetch_add(1);
    if (sleepers.load() == 0) return;
    // who is about to sleep has the lock until it waits
    { const std::lock_guard<std::mutex> lock(mutex); }
    wake.notify_all();
  }

  void member(std::size_t own) {
    for (std::uint64_t seen = 0;;) {
      await(seen);
      seen = edge.load(std::memory_order_acquire);
      if (ends.load(std::memory_order_relaxed)) return;
      evaluate(own);
    }
  }
};

BlockTeam* BlockTeam::active = nullptr;

BlockTeam::BlockTeam(int threads) {
  if (threads < 2) return;
  shared_ = std::make_unique<Shared>(static_cast<std::size_t>(threads));
  for (std::size_t own = 1; own < static_cast<std::size_t>(threads); ++own) {
    shared_->members.emplace_back([shared = shared_.get(), own] { shared->member(own); });
  }
  active = this;
}

BlockTeam::~BlockTeam() {
  if (shared_ == nullptr) return;
  active = nullptr;
  shared_->ends = true;
  shared_->begin_edge();
  for (std::thread& member : shared_->members) member.join();
}

void BlockTeam::edge(BlockFamily& family) {
  const auto& blocks = family.blocks;
  if (active == nullptr || at_work || blocks.size() < 2) return;
  const auto awake = std::count_if(blocks.begin(), blocks.end(),
                                   [](const EdgeBlock* block) { return block->wants_edge(); });
  if (awake < 2) return;
  if (family.edges_left == 0) next_trial(family);
  --family.edges_left;
  const auto start = Clock::now();
  if (family.together) active->run(blocks);
  else evaluate_alone(blocks);
  if (family.trial == BlockFamily::Trial::kNone) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  double& shortest = family.together ? family.seconds_together : family.seconds_alone;
  shortest = std::min(shortest, seconds);
}

void BlockTeam::run(const std::vector<EdgeBlock*>& blocks) {
  Shared& shared = *shared_;
  // all blocks of the last edge are taken: nobody looks where they are until there are new ones
  shared.blocks.store(blocks.data(), std::memory_order_relaxed);
  shared.done.store(0, std::memory_order_relaxed);
  const std::uint64_t edge = shared.edge.load(std::memory_order_relaxed) + 1;
  const std::size_t threads = shared.shares.size();
  for (std::size_t share = 0; share < threads; ++share) {
    const std::size_t left = (blocks.size() + threads - 1 - share) / threads;
    shared.shares[share].left.store((edge << kBlockBits) | left, std::memory_order_release);
  }
  shared.begin_edge();
  shared.evaluate(0);
  for (int look = 0; shared.done.load(std::memory_order_acquire) != blocks.size(); ++look) {
    if (look < kLooks) pause();
    else std::this_thread::yield();
  }
  if (shared.failure != nullptr) std::rethrow_exception(std::exchange(shared.failure, nullptr));
}

}  // namespace nzflow
