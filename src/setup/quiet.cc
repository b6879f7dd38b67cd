// Two functions for Node: `mute()` points standard error to nowhere, `unmute()` brings it back. TensorFlow prints lines while
// it is loaded that no log level hides, and standard error may be a file, a terminal, a pipe or a socket: dup2 serves all four.
#include <fcntl.h>
#include <node_api.h>
#include <unistd.h>

static int saved = -1;

static napi_value Mute(napi_env, napi_callback_info) {
  if (saved >= 0) return nullptr;
  int nowhere = open("/dev/null", O_WRONLY);
  if (nowhere < 0) return nullptr;
  saved = dup(2);
  dup2(nowhere, 2);
  close(nowhere);
  return nullptr;
}

static napi_value Unmute(napi_env, napi_callback_info) {
  if (saved < 0) return nullptr;
  dup2(saved, 2);
  close(saved);
  saved = -1;
  return nullptr;
}

static napi_value Init(napi_env env, napi_value exports) {
  napi_property_descriptor functions[] = {
      {"mute", nullptr, Mute, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"unmute", nullptr, Unmute, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  napi_define_properties(env, exports, 2, functions);
  return exports;
}

NAPI_MODULE(NODE_GYP_MODULE_NAME, Init)
