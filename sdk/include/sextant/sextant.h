// All of the core.
#pragma once

#include "sextant/console.h"
#include "sextant/context.h"
#include "sextant/datadog.h"
#include "sextant/diagnostics.h"
#include "sextant/exporter.h"
#include "sextant/otlp_http.h"
#include "sextant/presets.h"
#include "sextant/result.h"
#include "sextant/sampler.h"
#include "sextant/sdk.h"
#include "sextant/trace.h"
#include "sextant/value.h"
#include "sextant/version.h"
