#pragma once
#include "orcinus/Tuning/Target.h"
namespace orcinus {
TargetDescription describeHost(int64_t threads);
}
