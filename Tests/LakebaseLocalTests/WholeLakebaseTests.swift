//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Testing

/// Everything that runs real servers: one after the other, because they share one machine.
@Suite("On real PostgreSQL", .serialized) struct WholeLakebaseTests {}
