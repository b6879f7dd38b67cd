// Operations of a training step that TensorFlow computes in several passes over memory, each in one. They are registered through its C interface
// when this file is loaded, on float32 tensors of the CPU. Next to each stands its plain form in TypeScript (`engine/fused-ops.ts`).
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

// Rows [from, to) of copies of a table [rows, width]. Turns (a, b), the halves of a row, by the table's angles, or back by `sign` -1.
VECTORS void rotate(const float* x, const float* cosines, const float* sines, float sign, int64_t rows, int64_t width, int64_t from, int64_t to,
                    float* y) {
  const int64_t half = width / 2;
  for (int64_t row = from; row < to; row++) {
    const float *in = x + row * width, *c = cosines + (row % rows) * width, *s = sines + (row % rows) * width;
    float* out = y + row * width;
    EACH for (int64_t j = 0; j < half; j++) {
      const float a = in[j], b = in[half + j];
      // Both halves of a table are alike, but a table may be scaled, so each half is read for itself.
      const float to_a = sign > 0 ? s[j] : s[half + j], to_b = sign > 0 ? s[half + j] : s[j];
      out[j] = a * c[j] - sign * b * to_a;
      out[half + j] = b * c[half + j] + sign * a * to_b;
    }
  }
}

// Rows [from, to) of scores over `width` keys, and a mask that is added, whose rows are each read by `shared` rows of scores and then
// repeat. Masks are finite.
VECTORS void softmax(const float* scores, const float* mask, int64_t masked, int64_t shared, int64_t width, int64_t from, int64_t to, float* y) {
  for (int64_t row = from; row < to; row++) {
    const float* in = scores + row * width;
    const float* added = mask ? mask + (row / shared % masked) * width : nullptr;
    float* out = y + row * width;
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
  float* output(int at, TF_Tensor* like, bool rows = false) {
    std::vector<int64_t> sides;
    for (int axis = 0; axis < TF_NumDims(like); axis++) sides.push_back(TF_Dim(like, axis));
    if (rows) sides.back() = 1;
    int64_t size = 1;
    for (const auto side : sides) size *= side;
    auto* made = TF_AllocateOutput(context_, at, TF_FLOAT, sides.data(), static_cast<int>(sides.size()), size * sizeof(float), status_);
    if (!made) {
      TF_OpKernelContext_Failure(context_, status_);
      return nullptr;
    }
    tensors_.push_back(made);
    return static_cast<float*>(TF_TensorData(made));
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

using Attributes = std::vector<float>;

void runRmsNorm(const Attributes& given, Call& call) {
  auto* x = call.tensor(0);
  const int64_t width = widthOf(x), rows = TF_TensorElementCount(x) / std::max<int64_t>(1, width);
  const auto *in = static_cast<const float*>(TF_TensorData(x)), *gain = call.input(1);
  auto *y = call.output(0, x), *scale = call.output(1, x, true);
  if (!y || !scale) return;
  Threads::get().each(rows, WORTH / width, [&](int64_t from, int64_t to) { rmsNorm(in, gain, given[0], width, from, to, y, scale); });
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

void runSwiglu(const Attributes&, Call& call) {
  auto* gate = call.tensor(0);
  const auto *open = static_cast<const float*>(TF_TensorData(gate)), *up = call.input(1);
  auto* y = call.output(0, gate);
  if (!y) return;
  Threads::get().each(TF_TensorElementCount(gate), WORTH, [&](int64_t from, int64_t to) { swiglu(open, up, from, to, y); });
}

void runSwigluGradient(const Attributes&, Call& call) {
  auto* gate = call.tensor(1);
  const auto *dy = call.input(0), *open = static_cast<const float*>(TF_TensorData(gate)), *up = call.input(2);
  auto *dGate = call.output(0, gate), *dUp = call.output(1, gate);
  if (!dGate || !dUp) return;
  Threads::get().each(TF_TensorElementCount(gate), WORTH,
                      [&](int64_t from, int64_t to) { swigluGradient(dy, open, up, from, to, dGate, dUp); });
}

void runRotate(const Attributes& given, Call& call) {
  auto *x = call.tensor(0), *cosines = call.tensor(1);
  const auto *in = static_cast<const float*>(TF_TensorData(x)), *c = static_cast<const float*>(TF_TensorData(cosines)), *s = call.input(2);
  const int64_t width = widthOf(cosines), rows = TF_Dim(cosines, 0);
  auto* y = call.output(0, x);
  if (!y) return;
  Threads::get().each(TF_TensorElementCount(x) / width, WORTH / width,
                      [&](int64_t from, int64_t to) { rotate(in, c, s, given[0], rows, width, from, to, y); });
}

void runSoftmax(const Attributes& given, Call& call) {
  auto *scores = call.tensor(0), *mask = call.tensor(1);
  const auto *in = static_cast<const float*>(TF_TensorData(scores)), *added = static_cast<const float*>(TF_TensorData(mask));
  const int64_t width = widthOf(scores), masked = TF_TensorElementCount(mask) / std::max<int64_t>(1, width);
  auto* y = call.output(0, scores);
  if (!y) return;
  Threads::get().each(TF_TensorElementCount(scores) / std::max<int64_t>(1, width), WORTH / width,
                      [&](int64_t from, int64_t to) { softmax(in, masked ? added : nullptr, masked, static_cast<int64_t>(given[0]), width, from, to, y); });
}

void runSoftmaxGradient(const Attributes&, Call& call) {
  auto* y = call.tensor(1);
  const auto *dy = call.input(0), *own = static_cast<const float*>(TF_TensorData(y));
  const int64_t width = widthOf(y);
  auto* dx = call.output(0, y);
  if (!dx) return;
  Threads::get().each(TF_TensorElementCount(y) / std::max<int64_t>(1, width), WORTH / width,
                      [&](int64_t from, int64_t to) { softmaxGradient(dy, own, width, from, to, dx); });
}

void runAdamW(const Attributes& given, Call& call) {
  auto *weights = call.tensor(0), *rates = call.tensor(4);
  const auto *w = static_cast<const float*>(TF_TensorData(weights)), *g = call.input(1), *m = call.input(2), *v = call.input(3);
  const auto *own = static_cast<const float*>(TF_TensorData(rates)), *decays = call.input(5);
  const Rates r{given[0], given[1], given[2], *call.input(6), *call.input(7), *call.input(8), *call.input(9)};
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

struct Operation {
  const char* name;
  Names inputs, outputs, attributes;
  void (*shapes)(TF_ShapeInferenceContext*, TF_Status*);
  void* (*create)(TF_OpKernelConstruction*);
  void (*compute)(void*, TF_OpKernelContext*);
};

template <const Names& NAMES>
void* create(TF_OpKernelConstruction* construction) {
  auto* values = new Attributes(NAMES.size());
  auto* status = TF_NewStatus();
  for (size_t at = 0; at < NAMES.size(); at++) TF_OpKernelConstruction_GetAttrFloat(construction, NAMES[at], &(*values)[at], status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return values;
}

void destroy(void* kernel) { delete static_cast<Attributes*>(kernel); }

// Numbers that a node of a graph carries.
const Names none{}, epsilon{"epsilon"}, direction{"direction"}, shared{"shared"}, adam{"beta1", "beta2", "weight_decay"};

const Operation operations[] = {
    {"MoonRmsNorm", {"x", "gain"}, {"y", "scale"}, epsilon,
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
     create<none>, compute<runRmsNormGradient>},
    {"MoonSwiglu", {"gate", "up"}, {"y"}, none, [](TF_ShapeInferenceContext* c, TF_Status* s) { shapeLike<0>(c, s, 0); },
     create<none>, compute<runSwiglu>},
    {"MoonSwigluGradient", {"dy", "gate", "up"}, {"dgate", "dup"}, none,
     [](TF_ShapeInferenceContext* c, TF_Status* s) {
       shapeLike<1>(c, s, 0);
       shapeLike<1>(c, s, 1);
     },
     create<none>, compute<runSwigluGradient>},
    {"MoonRotate", {"x", "cosines", "sines"}, {"y"}, direction,
     [](TF_ShapeInferenceContext* c, TF_Status* s) { shapeLike<0>(c, s, 0); }, create<direction>, compute<runRotate>},
    {"MoonSoftmax", {"scores", "mask"}, {"y"}, shared, [](TF_ShapeInferenceContext* c, TF_Status* s) { shapeLike<0>(c, s, 0); },
     create<shared>, compute<runSoftmax>},
    {"MoonSoftmaxGradient", {"dy", "y"}, {"dx"}, none, [](TF_ShapeInferenceContext* c, TF_Status* s) { shapeLike<1>(c, s, 0); },
     create<none>, compute<runSoftmaxGradient>},
    {"MoonAdamW",
     {"weights", "gradient", "mean", "variance", "rates", "decays", "factor", "rate", "correction1", "correction2"},
     {"next", "next_mean", "next_variance"},
     adam,
     [](TF_ShapeInferenceContext* c, TF_Status* s) {
       for (int output = 0; output < 3; output++) shapeLike<0>(c, s, output);
     },
     create<adam>, compute<runAdamW>},
};

napi_value init(napi_env env, napi_value exports) {
  auto* status = TF_NewStatus();
  for (const auto& each : operations) {
    auto* definition = TF_NewOpDefinitionBuilder(each.name);
    for (const auto* name : each.inputs) TF_OpDefinitionBuilderAddInput(definition, (std::string(name) + ": float").c_str());
    for (const auto* name : each.outputs) TF_OpDefinitionBuilderAddOutput(definition, (std::string(name) + ": float").c_str());
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
