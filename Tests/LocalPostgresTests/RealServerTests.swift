//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import TestSupport
import Testing

/// Everything that runs real servers: a few tests at a time, because they share one machine.
@Suite("On real PostgreSQL", .sharesTheMachine) struct RealServerTests {}
