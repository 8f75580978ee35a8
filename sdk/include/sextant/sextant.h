// All of the core.
#pragma once

#include "sextant/context.h"
#include "sextant/diagnostics.h"
#include "sextant/exporter.h"
#include "sextant/health.h"
#include "sextant/metric_sets.h"
#include "sextant/metrics.h"
#include "sextant/otlp_http.h"
#include "sextant/prometheus.h"
#include "sextant/pushgateway.h"
#include "sextant/result.h"
#include "sextant/sampler.h"
#include "sextant/sdk.h"
#include "sextant/trace.h"
#include "sextant/value.h"
#include "sextant/version.h"
