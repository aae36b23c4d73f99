// SPDX-License-Identifier: Apache-2.0
#include "millrace/task/chain.hpp"

#include <algorithm>

#include "millrace/base/clock.hpp"
#include "millrace/base/error.hpp"

namespace millrace {
namespace {

std::string unknown_task(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& info : task_catalog()) known.push_back(info.part.name);
  const auto near = nearest_name(name, known);
  return "there is no task \"" + name + "\"" + (near.empty() ? "" : "; the nearest is \"" + near + "\"");
}

std::unique_ptr<Task> make_task(const ChainStep& step, const Schema& schema) {
  const auto* info = find_task(step.task);
  if (info == nullptr) throw Error(ExitCode::project_refused, unknown_task(step.task));
  return info->make(schema, step.options);
}

// Adds the refused rows to the rejects, both ascending by row.
void add_rejects(std::vector<Refusal> refused, const std::string& task, std::vector<Reject>& rejects) {
  const auto middle = static_cast<std::ptrdiff_t>(rejects.size());
  for (auto& refusal : refused) rejects.push_back({refusal.row, task + ": " + refusal.reason, {}});
  std::inplace_merge(rejects.begin(), rejects.begin() + middle, rejects.end(),
                     [](const Reject& a, const Reject& b) { return a.row < b.row; });
}

void add_fits(std::vector<Fit> fits, const std::string& prefix, std::vector<Fit>& all) {
  for (auto& fit : fits) all.push_back({prefix + fit.name, std::move(fit.values)});
}

}  // namespace

Chain::Chain(const Schema& input, const std::vector<ChainStep>& steps) : input_(input) {
  for (std::size_t step = 0; step < steps.size(); ++step) try {
      tasks_.push_back(make_task(steps[step], schema_after()));
      names_.push_back(steps[step].task);
    } catch (const Error& error) {
      throw Error(error.code(), "chain[" + std::to_string(step) + "]: " + error.what());
    }
}

const Schema& Chain::schema_after() const {
  return tasks_.empty() ? input_ : tasks_.back()->schema_after();
}

const Schema& Chain::schema_after(std::size_t step) const {
  return tasks_.at(step)->schema_after();
}

void Chain::run(Result& result, int threads, bool keep_fits) const {
  auto before_s = system_clock().now_s();
  for (std::size_t step = 0; step < tasks_.size(); ++step) {
    const auto rows_before = result.frame.rows();
    TaskContext context{.threads = threads, .keeps_fits = keep_fits};
    tasks_[step]->run(result.frame, context);
    const auto rows_after = result.frame.rows() + context.refused.size();
    const auto after_s = system_clock().now_s();
    result.stages.push_back({after_s - before_s, rows_before > rows_after ? rows_before - rows_after : 0});
    before_s = after_s;
    if (!context.refused.empty()) add_rejects(std::move(context.refused), names_[step], result.rejects);
    add_fits(std::move(context.fits), std::to_string(step) + '/' + names_[step] + '/', result.fits);
  }
}

}  // namespace millrace
