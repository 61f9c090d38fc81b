//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ServiceLifecycle

extension ConnectionPool {
    /// Runs until the task is cancelled, or a graceful shutdown has drained the connections.
    package func runAsService() async {
        await withGracefulShutdownHandler {
            await self.run()
        } onGracefulShutdown: {
            self.drain()
        }
    }
}
