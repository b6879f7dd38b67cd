// Operations of a training step that TensorFlow computes in several passes over memory, each in one. They are registered through its C interface
// when this file is loaded, on tensors of the CPU. Next to each stands its plain form in TypeScript (`engine/fused-ops.ts`). All compute in float32;
// what they read of products and give to products may be bfloat16 in memory, with the bits of a conversion before or after.
#include <node_api.h>
#include <tensorflow/c/c_api.h>
#include <tensorflow/c/ops.h>

#include <algorithm>
#include <condition_variable>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

// From tensorflow/c/kernels.h, which reads headers that setup does not unpack.
extern "C" {
typedef struct TF_KernelBuilder TF_KernelBuilder;
typedef struct TF_OpKernelConstruction TF_OpKernelConstruction;
typedef struct TF_OpKernelContext TF_OpKernelContext;
TF_KernelBuilder* TF_NewKernelBuilder(const char* op, const char* device, void* (*create)(TF_OpKernelConstruction*),
                                      void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*));
void TF_RegisterKernelBuilder(const char* name, TF_KernelBuilder* builder, TF_Status* status);
void TF_GetInput(TF_OpKernelContext* context, int at, TF_Tensor** tensor, TF_Status* status);
TF_Tensor* TF_AllocateOutput(TF_OpKernelContext* context, int at, TF_DataType type, const int64_t* sides, int axes, size_t bytes,
                             TF_Status* status);
void TF_OpKernelContext_Failure(TF_OpKernelContext* context, TF_Status* status);
void TF_OpKernelConstruction_Failure(TF_OpKernelConstruction* construction, TF_Status* status);
void TF_OpKernelConstruction_GetAttrType(TF_OpKernelConstruction* construction, const char* name, TF_DataType* value, TF_Status* status);
void TF_OpKernelConstruction_GetAttrFloat(TF_OpKernelConstruction* construction, const char* name, float* value, TF_Status* status);
}

// One version for each kind of processor, chosen when the file is loaded.
#if defined(__x86_64__) && !defined(__clang__) && defined(__GNUC__) && __GNUC__ >= 12
#define VECTORS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#elif defined(__x86_64__) && !defined(__clang__) && defined(__GNUC__)
#define VECTORS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VECTORS
#endif
#define EACH _Pragma("omp simd")
#define SUM(name) _Pragma(name)

namespace {

// ---- threads: as many as an operation of TensorFlow's has

class Threads {
 public:
  static Threads& get() {
    static auto* threads = new Threads();
    return *threads;
  }

  // Calls work(from, to) for parts of [0, count). A part's result may not depend on where it begins.
  void each(int64_t count, int64_t worth, const std::function<void(int64_t, int64_t)>& work) {
    const int64_t parts = std::min<int64_t>(others_.size() + 1, count / std::max<int64_t>(1, worth));
    std::unique_lock<std::mutex> one(busy_, std::try_to_lock);
    if (parts < 2 || !one) return work(0, count);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      work_ = [&, parts](int64_t part) { work(part * count / parts, (part + 1) * count / parts); };
      parts_ = parts;
      left_ = parts - 1;
      round_++;
    }
    start_.notify_all();
    work_(0);
    std::unique_lock<std::mutex> lock(mutex_);
    end_.wait(lock, [&] { return left_ == 0; });
  }

 private:
  Threads() {
    const char* given = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int count = given ? std::atoi(given) : static_cast<int>(std::thread::hardware_concurrency());
    for (int at = 1; at < count; at++) others_.emplace_back([this, at] { wait(at); });
    for (auto& each : others_) each.detach();
  }

  void wait(int64_t own) {
    for (int64_t seen = 0;;) {
      std::unique_lock<std::mutex> lock(mutex_);
      start_.wait(lock, [&] { return round_ != seen; });
      seen = round_;
      if (own >= parts_) continue;
      lock.unlock();
      work_(own);
      lock.lock();
      if (--left_ == 0) end_.notify_one();
    }
  }

  std::vector<std::thread> others_;
  std::mutex busy_, mutex_;
  std::condition_variable start_, end_;
  std::function<void(int64_t)> work_;
  int64_t parts_ = 0, left_ = 0, round_ = 0;
};

// ---- numbers

// exp(x) within two units of the last place (the polynomial of Cephes' expf), 0 below exp(-87), in a form that compilers turn into vector instructions.
inline __attribute__((always_inline)) float expOf(float x) {
  const bool isNone = x < -87.0f;
  x = isNone ? -87.0f : x > 88.0f ? 88.0f : x;
  const float n = std::floor(x * 1.44269504088896341f + 0.5f);
  x -= n * 0.693359375f;
  x -= n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * x + 1.3981999507e-3f;
  p = p * x + 8.3334519073e-3f;
  p = p * x + 4.1665795894e-2f;
  p = p * x + 1.6666665459e-1f;
  p = p * x + 5.0000001201e-1f;
  const float value = p * x * x + x + 1.0f;
  const int32_t bits = (static_cast<int32_t>(n) + 127) << 23;
  float power;
  std::memcpy(&power, &bits, sizeof power);
  return isNone ? 0.0f : value * power;
}

using Half = uint16_t;

VECTORS void widen(const Half* x, int64_t count, float* y) {
  EACH for (int64_t i = 0; i < count; i++) {
    const uint32_t bits = static_cast<uint32_t>(x[i]) << 16;
    std::memcpy(&y[i], &bits, sizeof bits);
  }
}

// To the nearest, of two as near to the even one, as TensorFlow's Cast.
VECTORS void narrow(const float* x, int64_t count, Half* y) {
  EACH for (int64_t i = 0; i < count; i++) {
    uint32_t bits;
    std::memcpy(&bits, &x[i], sizeof bits);
    const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    y[i] = static_cast<Half>((bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc0u : rounded);
  }
}

VECTORS void rmsNorm(const float* x, const float* gain, float epsilon, int64_t width, int64_t from, int64_t to, float* y, float* scale) {
  for (int64_t row = from; row < to; row++) {
    const float* in = x + row * width;
    float* out = y + row * width;
    float sum = 0;
    SUM("omp simd reduction(+ : sum)")
    for (int64_t j = 0; j < width; j++) sum += in[j] * in[j];
    const float factor = 1.0f / std::sqrt(sum / width + epsilon);
    scale[row] = factor;
    EACH for (int64_t j = 0; j < width; j++) out[j] = in[j] * factor * gain[j];
  }
}

// `dGain` is the part of these rows and begins with zeros.
VECTORS void rmsNormGradient(const float* dy, const float* x, const float* scale, const float* gain, int64_t width, int64_t from, int64_t to,
                             float* dx, float* dGain) {
  for (int64_t row = from; row < to; row++) {
    const float *slope = dy + row * width, *in = x + row * width;
    float* out = dx + row * width;
    const float factor = scale[row];
    float sum = 0;
    SUM("omp simd reduction(+ : sum)")
    for (int64_t j = 0; j < width; j++) sum += slope[j] * gain[j] * in[j];
    const float along = sum * factor * factor / width;
    EACH for (int64_t j = 0; j < width; j++) {
      dGain[j] += slope[j] * in[j] * factor;
      out[j] = (slope[j] * gain[j] - in[j] * along) * factor;
    }
  }
}

VECTORS void swiglu(const float* gate, const float* up, int64_t from, int64_t to, float* y) {
  EACH for (int64_t i = from; i < to; i++) y[i] = gate[i] / (1.0f + expOf(-gate[i])) * up[i];
}

VECTORS void swigluGradient(const float* dy, const float* gate, const float* up, int64_t from, int64_t to, float* dGate, float* dUp) {
  EACH for (int64_t i = from; i < to; i++) {
    const float open = 1.0f / (1.0f + expOf(-gate[i]));
    const float slope = dy[i], g = gate[i];
    dGate[i] = slope * up[i] * (open + g * open * (1.0f - open));
    dUp[i] = slope * g * open;
  }
}

// Rows [from, to) of copies of a table [rows, width], of which `x` and `y` begin with the first. Turns (a, b), the halves of a row, by the table's
// angles, or back by `sign` -1.
VECTORS void rotate(const float* x, const float* cosines, const float* sines, float sign, int64_t rows, int64_t width, int64_t from, int64_t to,
                    float* y) {
  const int64_t half = width / 2;
  for (int64_t row = from; row < to; row++) {
    const float *in = x + (row - from) * width, *c = cosines + (row % rows) * width, *s = sines + (row % rows) * width;
    float* out = y + (row - from) * width;
    EACH for (int64_t j = 0; j < half; j++) {
      const float a = in[j], b = in[half + j];
      // Both halves of a table are alike, but a table may be scaled, so each half is read for itself.
      const float to_a = sign > 0 ? s[j] : s[half + j], to_b = sign > 0 ? s[half + j] : s[j];
      out[j] = a * c[j] - sign * b * to_a;
      out[half + j] = b * c[half + j] + sign * a * to_b;
    }
  }
}

// Rows [from, to) of scores over `width` keys, of which `scores` and `y` begin with the first, and a mask that is added, whose rows are each read by
// `shared` rows of scores and then repeat. Masks are finite.
VECTORS void softmax(const float* scores, const float* mask, int64_t masked, int64_t shared, int64_t width, int64_t from, int64_t to, float* y) {
  for (int64_t row = from; row < to; row++) {
    const float* in = scores + (row - from) * width;
    const float* added = mask ? mask + (row / shared % masked) * width : nullptr;
    float* out = y + (row - from) * width;
    float largest = -INFINITY, sum = 0;
    if (added) {
      EACH for (int64_t j = 0; j < width; j++) out[j] = in[j] + added[j];
      in = out;
    }
    SUM("omp simd reduction(max : largest)")
    for (int64_t j = 0; j < width; j++) largest = in[j] > largest ? in[j] : largest;
    SUM("omp simd reduction(+ : sum)")
    for (int64_t j = 0; j < width; j++) {
      out[j] = expOf(in[j] - largest);
      sum += out[j];
    }
    const float part = 1.0f / sum;
    EACH for (int64_t j = 0; j < width; j++) out[j] *= part;
  }
}

VECTORS void softmaxGradient(const float* dy, const float* y, int64_t width, int64_t from, int64_t to, float* dx) {
  for (int64_t row = from; row < to; row++) {
    const float *slope = dy + row * width, *own = y + row * width;
    float* out = dx + row * width;
    float sum = 0;
    SUM("omp simd reduction(+ : sum)")
    for (int64_t j = 0; j < width; j++) sum += slope[j] * own[j];
    EACH for (int64_t j = 0; j < width; j++) out[j] = own[j] * (slope[j] - sum);
  }
}

struct Rates {
  float beta1, beta2, decay, factor, rate, correction1, correction2;
};

VECTORS void adamW(const float* w, const float* g, const float* m, const float* v, const float* rates, bool alike, const float* decays,
                   const Rates& r, int64_t from, int64_t to, float* nextW, float* nextM, float* nextV) {
  const float unbiased = std::sqrt(r.correction2), tiny = unbiased * 1e-8f, pace = r.rate * unbiased / r.correction1;
  const float take = r.factor * (1 - r.beta1), root = r.factor * std::sqrt(1 - r.beta2), shrink = r.rate * r.decay;
  EACH for (int64_t i = from; i < to; i++) {
    const float own = alike ? rates[0] : rates[i];
    const float moving = own > 0 ? g[i] : 0.0f;
    const float mean = m[i] * r.beta1 + moving * take, part = moving * root;
    const float variance = v[i] * r.beta2 + part * part;
    nextM[i] = mean;
    nextV[i] = variance;
    nextW[i] = w[i] * (1.0f - decays[i] * (own * shrink)) - mean / (std::sqrt(variance) + tiny) * (own * pace);
  }
}

// ---- TensorFlow

// The inputs and outputs of one call.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Call() {
    for (auto* each : tensors_) TF_DeleteTensor(each);
    TF_DeleteStatus(status_);
  }

  TF_Tensor* tensor(int at) {
    TF_Tensor* found = nullptr;
    TF_GetInput(context_, at, &found, status_);
    tensors_.push_back(found);
    return found;
  }
  const float* input(int at) { return static_cast<const float*>(TF_TensorData(tensor(at))); }

  // An output of the shape of `like`, without its last axis where `rows`.
  float* output(int at, TF_Tensor* like, bool rows = false) { return static_cast<float*>(allocate(at, like, rows, TF_FLOAT)); }

  void* allocate(int at, TF_Tensor* like, bool rows, TF_DataType type) {
    std::vector<int64_t> sides;
    for (int axis = 0; axis < TF_NumDims(like); axis++) sides.push_back(TF_Dim(like, axis));
    if (rows) sides.back() = 1;
    int64_t size = 1;
    for (const auto side : sides) size *= side;
    auto* made = TF_AllocateOutput(context_, at, type, sides.data(), static_cast<int>(sides.size()), size * TF_DataTypeSize(type), status_);
    if (!made) {
      TF_OpKernelContext_Failure(context_, status_);
      return nullptr;
    }
    tensors_.push_back(made);
    return TF_TensorData(made);
  }

 private:
  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> tensors_;
};

int64_t widthOf(TF_Tensor* x) { return TF_Dim(x, TF_NumDims(x) - 1); }

// Numbers of a part that is worth another thread.
constexpr int64_t WORTH = 16384;
// Parts of a sum over rows: a fixed number, so that the sum does not depend on the threads.
constexpr int64_t PARTS = 16;

// What a node of a graph carries: numbers, and the type of outputs that may be bfloat16.
struct Attributes {
  std::vector<float> numbers;
  TF_DataType type = TF_FLOAT;
};

// Numbers of each operand that are computed together, so that those of a bfloat16 operand stay in the cache as float32.
constexpr int64_t CHUNK = 4096;

// An operand of either type, read in chunks.
class Source {
 public:
  Source(Call& call, int at) : Source(call.tensor(at)) {}
  explicit Source(TF_Tensor* tensor) : data_(TF_TensorData(tensor)), isHalf_(TF_TensorType(tensor) == TF_BFLOAT16) {}
  const float* read(int64_t from, int64_t count, std::vector<float>& room) const {
    if (!isHalf_) return static_cast<const float*>(data_) + from;
    room.resize(count);
    widen(static_cast<const Half*>(data_) + from, count, room.data());
    return room.data();
  }

 private:
  const void* data_;
  bool isHalf_;
};

// A result of either type, written in chunks.
class Target {
 public:
  Target(Call& call, int at, TF_Tensor* like, TF_DataType type) : data_(call.allocate(at, like, false, type)), isHalf_(type == TF_BFLOAT16) {}
  explicit operator bool() const { return data_ != nullptr; }
  float* open(int64_t from, int64_t count, std::vector<float>& room) const {
    if (!isHalf_) return static_cast<float*>(data_) + from;
    room.resize(count);
    return room.data();
  }
  void close(int64_t from, int64_t count, const std::vector<float>& room) const {
    if (isHalf_) narrow(room.data(), count, static_cast<Half*>(data_) + from);
  }

 private:
  void* data_;
  bool isHalf_;
};

// Calls work(first, last) for chunks of the rows [from, to) of a width.
template <typename Work>
void eachChunk(int64_t from, int64_t to, int64_t width, const Work& work) {
  const int64_t rows = std::max<int64_t>(1, CHUNK / width);
  for (int64_t first = from; first < to; first += rows) work(first, std::min(to, first + rows));
}

void runRmsNorm(const Attributes& given, Call& call) {
  auto* x = call.tensor(0);
  const int64_t width = widthOf(x), rows = TF_TensorElementCount(x) / std::max<int64_t>(1, width);
  const auto *in = static_cast<const float*>(TF_TensorData(x)), *gain = call.input(1);
  const Target y(call, 0, x, given.type);
  auto* scale = call.output(1, x, true);
  if (!y || !scale) return;
  Threads::get().each(rows, WORTH / width, [&](int64_t from, int64_t to) {
    std::vector<float> room;
    eachChunk(from, to, width, [&](int64_t first, int64_t last) {
      const int64_t at = first * width, count = (last - first) * width;
      rmsNorm(in + at, gain, given.numbers[0], width, 0, last - first, y.open(at, count, room), scale + first);
      y.close(at, count, room);
    });
  });
}

void runRmsNormGradient(const Attributes&, Call& call) {
  auto *x = call.tensor(1), *gain = call.tensor(3);
  const auto *dy = call.input(0), *in = static_cast<const float*>(TF_TensorData(x)), *scale = call.input(2);
  const auto* gains = static_cast<const float*>(TF_TensorData(gain));
  const int64_t width = widthOf(x), rows = TF_TensorElementCount(x) / std::max<int64_t>(1, width);
  auto *dx = call.output(0, x), *dGain = call.output(1, gain);
  if (!dx || !dGain) return;
  std::vector<float> parts(PARTS * width, 0.0f);
  Threads::get().each(PARTS, 1 + PARTS * WORTH / std::max<int64_t>(1, rows * width), [&](int64_t from, int64_t to) {
    for (int64_t part = from; part < to; part++)
      rmsNormGradient(dy, in, scale, gains, width, part * rows / PARTS, (part + 1) * rows / PARTS, dx, &parts[part * width]);
  });
  std::fill(dGain, dGain + width, 0.0f);
  for (int64_t part = 0; part < PARTS; part++)
    for (int64_t j = 0; j < width; j++) dGain[j] += parts[part * width + j];
}

void runSwiglu(const Attributes& given, Call& call) {
  auto* gate = call.tensor(0);
  const Source open(gate), up(call, 1);
  const Target y(call, 0, gate, given.type);
  if (!y) return;
  Threads::get().each(TF_TensorElementCount(gate), WORTH, [&](int64_t from, int64_t to) {
    std::vector<float> rooms[3];
    eachChunk(from, to, 1, [&](int64_t first, int64_t last) {
      const int64_t count = last - first;
      swiglu(open.read(first, count, rooms[0]), up.read(first, count, rooms[1]), 0, count, y.open(first, count, rooms[2]));
      y.close(first, count, rooms[2]);
    });
  });
}

void runSwigluGradient(const Attributes& given, Call& call) {
  auto* gate = call.tensor(1);
  const Source dy(call, 0), open(gate), up(call, 2);
  const Target dGate(call, 0, gate, given.type), dUp(call, 1, gate, given.type);
  if (!dGate || !dUp) return;
  Threads::get().each(TF_TensorElementCount(gate), WORTH, [&](int64_t from, int64_t to) {
    std::vector<float> rooms[5];
    eachChunk(from, to, 1, [&](int64_t first, int64_t last) {
      const int64_t count = last - first;
      swigluGradient(dy.read(first, count, rooms[0]), open.read(first, count, rooms[1]), up.read(first, count, rooms[2]), 0, count,
                     dGate.open(first, count, rooms[3]), dUp.open(first, count, rooms[4]));
      dGate.close(first, count, rooms[3]);
      dUp.close(first, count, rooms[4]);
    });
  });
}

void runRotate(const Attributes& given, Call& call) {
  auto *x = call.tensor(0), *cosines = call.tensor(1);
  const Source in(x);
  const auto *c = static_cast<const float*>(TF_TensorData(cosines)), *s = call.input(2);
  const int64_t width = widthOf(cosines), rows = TF_Dim(cosines, 0);
  const Target y(call, 0, x, given.type);
  if (!y) return;
  Threads::get().each(TF_TensorElementCount(x) / width, WORTH / width, [&](int64_t from, int64_t to) {
    std::vector<float> rooms[2];
    eachChunk(from, to, width, [&](int64_t first, int64_t last) {
      const int64_t at = first * width, count = (last - first) * width;
      rotate(in.read(at, count, rooms[0]), c, s, given.numbers[0], rows, width, first, last, y.open(at, count, rooms[1]));
      y.close(at, count, rooms[1]);
    });
  });
}

void runSoftmax(const Attributes& given, Call& call) {
  auto *scores = call.tensor(0), *mask = call.tensor(1);
  const Source in(scores);
  const int64_t width = widthOf(scores), masked = TF_TensorElementCount(mask) / std::max<int64_t>(1, width);
  const auto* added = masked ? static_cast<const float*>(TF_TensorData(mask)) : nullptr;
  const auto shared = static_cast<int64_t>(given.numbers[0]);
  const Target y(call, 0, scores, given.type);
  if (!y) return;
  Threads::get().each(TF_TensorElementCount(scores) / std::max<int64_t>(1, width), WORTH / width, [&](int64_t from, int64_t to) {
    std::vector<float> rooms[2];
    eachChunk(from, to, width, [&](int64_t first, int64_t last) {
      const int64_t at = first * width, count = (last - first) * width;
      softmax(in.read(at, count, rooms[0]), added, masked, shared, width, first, last, y.open(at, count, rooms[1]));
      y.close(at, count, rooms[1]);
    });
  });
}

void runSoftmaxGradient(const Attributes& given, Call& call) {
  auto* y = call.tensor(1);
  const Source dy(call, 0);
  const auto* own = static_cast<const float*>(TF_TensorData(y));
  const int64_t width = widthOf(y);
  const Target dx(call, 0, y, given.type);
  if (!dx) return;
  Threads::get().each(TF_TensorElementCount(y) / std::max<int64_t>(1, width), WORTH / width, [&](int64_t from, int64_t to) {
    std::vector<float> rooms[2];
    eachChunk(from, to, width, [&](int64_t first, int64_t last) {
      const int64_t at = first * width, count = (last - first) * width;
      softmaxGradient(dy.read(at, count, rooms[0]), own + at, width, 0, last - first, dx.open(at, count, rooms[1]));
      dx.close(at, count, rooms[1]);
    });
  });
}

void runAdamW(const Attributes& given, Call& call) {
  auto *weights = call.tensor(0), *rates = call.tensor(4);
  const auto *w = static_cast<const float*>(TF_TensorData(weights)), *g = call.input(1), *m = call.input(2), *v = call.input(3);
  const auto *own = static_cast<const float*>(TF_TensorData(rates)), *decays = call.input(5);
  const Rates r{given.numbers[0], given.numbers[1], given.numbers[2], *call.input(6), *call.input(7), *call.input(8), *call.input(9)};
  auto *nextW = call.output(0, weights), *nextM = call.output(1, weights), *nextV = call.output(2, weights);
  if (!nextW || !nextM || !nextV) return;
  Threads::get().each(TF_TensorElementCount(weights), WORTH, [&](int64_t from, int64_t to) {
    adamW(w, g, m, v, own, TF_NumDims(rates) == 0, decays, r, from, to, nextW, nextM, nextV);
  });
}

// ---- registration

template <int OF>
void shapeLike(TF_ShapeInferenceContext* context, TF_Status* status, int output) {
  auto* shape = TF_NewShapeHandle();
  TF_ShapeInferenceContextGetInput(context, OF, shape, status);
  TF_ShapeInferenceContextSetOutput(context, output, shape, status);
  TF_DeleteShapeHandle(shape);
}

template <void (*RUN)(const Attributes&, Call&)>
void compute(void* kernel, TF_OpKernelContext* context) {
  Call call(context);
  RUN(*static_cast<Attributes*>(kernel), call);
}

using Names = std::vector<const char*>;

// Inputs and outputs are float32, or of the type that a name ends with: T or U, each float32 unless told otherwise.
struct Operation {
  const char* name;
  Names inputs, outputs, attributes;
  void (*shapes)(TF_ShapeInferenceContext*, TF_Status*);
  void* (*create)(TF_OpKernelConstruction*);
  void (*compute)(void*, TF_OpKernelContext*);
};

template <const Names& NAMES, bool TYPED = true>
void* create(TF_OpKernelConstruction* construction) {
  auto* values = new Attributes();
  values->numbers.resize(NAMES.size());
  auto* status = TF_NewStatus();
  for (size_t at = 0; at < NAMES.size(); at++) TF_OpKernelConstruction_GetAttrFloat(construction, NAMES[at], &values->numbers[at], status);
  if (TYPED) TF_OpKernelConstruction_GetAttrType(construction, "U", &values->type, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return values;
}

void destroy(void* kernel) { delete static_cast<Attributes*>(kernel); }

// Numbers that a node of a graph carries.
const Names none{}, epsilon{"epsilon"}, direction{"direction"}, shared{"shared"}, adam{"beta1", "beta2", "weight_decay"};

const Operation operations[] = {
    {"MoonRmsNorm", {"x", "gain"}, {"y: U", "scale"}, epsilon,
     [](TF_ShapeInferenceContext* c, TF_Status* s) {
       // One number a row is left to the kernel.
       TF_ShapeInferenceContextSetUnknownShape(c, s);
       shapeLike<0>(c, s, 0);
     },
     create<epsilon>, compute<runRmsNorm>},
    {"MoonRmsNormGradient", {"dy", "x", "scale", "gain"}, {"dx", "dgain"}, none,
     [](TF_ShapeInferenceContext* c, TF_Status* s) {
       shapeLike<1>(c, s, 0);
       shapeLike<3>(c, s, 1);
     },
     create<none, false>, compute<runRmsNormGradient>},
    {"MoonSwiglu", {"gate: T", "up: T"}, {"y: U"}, none, [](TF_ShapeInferenceContext* c, TF_Status* s) { shapeLike<0>(c, s, 0); },
     create<none>, compute<runSwiglu>},
    {"MoonSwigluGradient", {"dy: T", "gate: T", "up: T"}, {"dgate: U", "dup: U"}, none,
     [](TF_ShapeInferenceContext* c, TF_Status* s) {
       shapeLike<1>(c, s, 0);
       shapeLike<1>(c, s, 1);
     },
     create<none>, compute<runSwigluGradient>},
    {"MoonRotate", {"x: T", "cosines", "sines"}, {"y: U"}, direction,
     [](TF_ShapeInferenceContext* c, TF_Status* s) { shapeLike<0>(c, s, 0); }, create<direction>, compute<runRotate>},
    {"MoonSoftmax", {"scores: T", "mask"}, {"y: U"}, shared, [](TF_ShapeInferenceContext* c, TF_Status* s) { shapeLike<0>(c, s, 0); },
     create<shared>, compute<runSoftmax>},
    {"MoonSoftmaxGradient", {"dy: T", "y"}, {"dx: U"}, none, [](TF_ShapeInferenceContext* c, TF_Status* s) { shapeLike<1>(c, s, 0); },
     create<none>, compute<runSoftmaxGradient>},
    {"MoonAdamW",
     {"weights", "gradient", "mean", "variance", "rates", "decays", "factor", "rate", "correction1", "correction2"},
     {"next", "next_mean", "next_variance"},
     adam,
     [](TF_ShapeInferenceContext* c, TF_Status* s) {
       for (int output = 0; output < 3; output++) shapeLike<0>(c, s, output);
     },
     create<adam, false>, compute<runAdamW>},
};

napi_value init(napi_env env, napi_value exports) {
  auto* status = TF_NewStatus();
  for (const auto& each : operations) {
    auto* definition = TF_NewOpDefinitionBuilder(each.name);
    bool typed[2] = {false, false};
    const auto typeOf = [&](const char* name) {
      const std::string given(name);
      if (given.find(": ") == std::string::npos) return given + ": float";
      typed[given.back() == 'U'] = true;
      return given;
    };
    for (const auto* name : each.inputs) TF_OpDefinitionBuilderAddInput(definition, typeOf(name).c_str());
    for (const auto* name : each.outputs) TF_OpDefinitionBuilderAddOutput(definition, typeOf(name).c_str());
    if (typed[0]) TF_OpDefinitionBuilderAddAttr(definition, "T: {float, bfloat16} = DT_FLOAT");
    if (typed[1]) TF_OpDefinitionBuilderAddAttr(definition, "U: {float, bfloat16} = DT_FLOAT");
    for (const auto* name : each.attributes) TF_OpDefinitionBuilderAddAttr(definition, (std::string(name) + ": float").c_str());
    TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, each.shapes);
    TF_RegisterOpDefinition(definition, status);
    if (TF_GetCode(status) == TF_OK)
      TF_RegisterKernelBuilder(each.name, TF_NewKernelBuilder(each.name, "CPU", each.create, each.compute, destroy), status);
    if (TF_GetCode(status) != TF_OK) napi_throw_error(env, nullptr, TF_Message(status));
  }
  TF_DeleteStatus(status);
  return exports;
}

}  // namespace

NAPI_MODULE(moon_kernels, init)
