// SPDX-License-Identifier: Apache-2.0
#include "millrace/task/task.hpp"

namespace millrace {

// Each is defined in the file of its task.
TaskInfo drop_duplicates_task();
TaskInfo fillna_zeros_task();
TaskInfo normalizer_task();
TaskInfo quantile_transformer_normal_task();
TaskInfo quantile_transformer_uniform_task();
TaskInfo standard_scaler_task();

const std::vector<TaskInfo>& task_catalog() {
  static const std::vector<TaskInfo> catalog{
      drop_duplicates_task(),
      fillna_zeros_task(),
      normalizer_task(),
      quantile_transformer_normal_task(),
      quantile_transformer_uniform_task(),
      standard_scaler_task(),
  };
  return catalog;
}

const TaskInfo* find_task(std::string_view name) {
  for (const auto& info : task_catalog())
    if (info.part.name == name) return &info;
  return nullptr;
}

}  // namespace millrace
