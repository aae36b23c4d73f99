// SPDX-License-Identifier: Apache-2.0
#include "millrace/task/task.hpp"

namespace millrace {

// Each is defined in the file of its task.
TaskInfo abs_task();
TaskInfo aggregated_sum_task();
TaskInfo drop_duplicates_task();
TaskInfo fillna_mean_task();
TaskInfo fillna_median_task();
TaskInfo fillna_zeros_task();
TaskInfo handling_missing_task();
TaskInfo max_abs_scaler_task();
TaskInfo min_max_scaler_task();
TaskInfo min_max_scaler_0_1_task();
TaskInfo min_max_scaler_m1_1_task();
TaskInfo normalizer_task();
TaskInfo quantile_transformer_normal_task();
TaskInfo quantile_transformer_uniform_task();
TaskInfo robust_scaler_task();
TaskInfo standard_scaler_task();

const std::vector<TaskInfo>& task_catalog() {
  static const std::vector<TaskInfo> catalog{
      abs_task(),
      aggregated_sum_task(),
      drop_duplicates_task(),
      fillna_mean_task(),
      fillna_median_task(),
      fillna_zeros_task(),
      handling_missing_task(),
      max_abs_scaler_task(),
      min_max_scaler_task(),
      min_max_scaler_0_1_task(),
      min_max_scaler_m1_1_task(),
      normalizer_task(),
      quantile_transformer_normal_task(),
      quantile_transformer_uniform_task(),
      robust_scaler_task(),
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
