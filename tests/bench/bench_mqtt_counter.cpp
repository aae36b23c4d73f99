// SPDX-License-Identifier: Apache-2.0
// The raw limit of live intake: a bare Paho client that counts what it is given and does nothing else.
//
//   bench_mqtt_counter mqtt://HOST:PORT CLIENT_ID TOPIC QOS PUBLICATIONS
//
// Prints a line when it is subscribed, then the seconds from the first publication to the last and the CPU
// seconds of the process. With 0 publications it only subscribes, so that the broker keeps what comes for it.
#include <MQTTAsync.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace {

using Clock = std::chrono::steady_clock;

struct Counter {
  MQTTAsync client = nullptr;
  const char* topic = "";
  int qos = 1;
  long wanted = 0, count = 0;
  Clock::time_point first, last;
  std::atomic<bool> is_ready = false, is_done = false, has_failed = false;
};

int count(void* context, char* topic, int /*topic_size*/, MQTTAsync_message* message) {
  auto& counter = *static_cast<Counter*>(context);
  counter.last = Clock::now();
  if (counter.count++ == 0) counter.first = counter.last;
  if (counter.count == counter.wanted) counter.is_done = true;
  MQTTAsync_freeMessage(&message);
  MQTTAsync_free(topic);
  return 1;
}

void fail(void* context, MQTTAsync_failureData5* /*data*/) {
  static_cast<Counter*>(context)->has_failed = true;
}

void subscribed(void* context, MQTTAsync_successData5* /*data*/) {
  static_cast<Counter*>(context)->is_ready = true;
}

void connected(void* context, MQTTAsync_successData5* /*data*/) {
  auto& counter = *static_cast<Counter*>(context);
  MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
  options.onSuccess5 = subscribed;
  options.onFailure5 = fail;
  options.context = context;
  MQTTAsync_subscribe(counter.client, counter.topic, counter.qos, &options);
}

bool connect(Counter& counter) {
  MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer5;
  MQTTProperties properties = MQTTProperties_initializer;
  const auto add = [&](MQTTPropertyCodes code, auto set) {
    MQTTProperty property{};
    property.identifier = code;
    set(property);
    MQTTProperties_add(&properties, &property);
  };
  add(MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, [](MQTTProperty& p) { p.value.integer4 = 0xFFFFFFFF; });
  add(MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, [](MQTTProperty& p) { p.value.integer2 = 65535; });
  options.connectProperties = &properties;
  options.cleanstart = 0;
  options.onSuccess5 = connected;
  options.onFailure5 = fail;
  options.context = &counter;
  const bool is_sent = MQTTAsync_connect(counter.client, &options) == MQTTASYNC_SUCCESS;
  MQTTProperties_free(&properties);
  return is_sent;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  Counter counter;
  counter.topic = argv[3];
  counter.qos = std::atoi(argv[4]);
  counter.wanted = std::atol(argv[5]);
  MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer5;
  MQTTAsync_createWithOptions(&counter.client, argv[1], argv[2], MQTTCLIENT_PERSISTENCE_NONE, nullptr,
                              &options);
  MQTTAsync_setCallbacks(counter.client, &counter, nullptr, count, nullptr);
  if (!connect(counter)) return 1;
  while (!counter.is_ready && !counter.has_failed) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (counter.has_failed) return 1;
  std::puts("subscribed");
  std::fflush(stdout);
  const auto is_over = [&] { return counter.wanted == 0 || counter.is_done; };
  while (!is_over() && !counter.has_failed) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  MQTTAsync_disconnectOptions leave = MQTTAsync_disconnectOptions_initializer5;
  leave.timeout = 1000;
  MQTTAsync_disconnect(counter.client, &leave);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf("%.6f %.6f\n", std::chrono::duration<double>(counter.last - counter.first).count(),
              seconds(usage.ru_utime) + seconds(usage.ru_stime));
  return counter.has_failed ? 1 : 0;
}
